"""All settings of Rostrum, in one file; what differs between machines is read
from the environment or from .env (see .env.example for every variable)."""

from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

# --- Safety -----------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
# Without one no start but with a sentence that says so, and nothing is signed.
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")

HTTPS = env.bool("HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
# Balancers ask for these on the inner network, without https.
SECURE_REDIRECT_EXEMPT = [r"^healthz(/ready)?$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 8 * 60 * 60
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
if env.bool("BEHIND_PROXY", default=False):
    # Only behind a proxy that always sets this header itself; otherwise a reader
    # could claim to have come by https.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# The names of Django 6.0, read by config.middleware until Django brings its own.
SECURE_CSP = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
# What no page of ours needs, in the words of browsers.
DENIED_FEATURES = [
    "camera",
    "display-capture",
    "geolocation",
    "hid",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
]

# A whole slot in six languages stays far below this; a larger request is answered
# with 413 before Django reads it.
REQUEST_LIMIT_BYTES = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = REQUEST_LIMIT_BYTES
# Thirty lines of a slot in six languages are about 1,500 inputs.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- What the application is made of ----------------------------------------

INSTALLED_APPS = [
    "sessions_app.apps.SessionsAppConfig",
    "speakers.apps.SpeakersConfig",
    "config.admin.SecretariatAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "config.middleware.SafetyHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.RequestLimitMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.StaffLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            # An unknown variable leaves nothing on the page; the tests set this to
            # a mark and fail on it.
            "string_if_invalid": env.str("TEMPLATE_MARK_UNKNOWN", default=""),
        },
    },
]
# So that the widget of a text in six languages finds its template in templates/.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# What an account may do is told by its duties alone.
AUTHENTICATION_BACKENDS = ["sessions_app.duties.DutyBackend"]

# --- Databases, cache, tasks ------------------------------------------------

DATABASES = {
    "default": env.db_url(
        "DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'rostrum.sqlite3'}"
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Two writers never meet half-way (IMMEDIATE), readers never wait (WAL), and what
    # was committed survives a power cut (FULL).
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    )
else:
    DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        connect_timeout=2,
        options="-c statement_timeout=30000",
        # A machine that is gone without a word: after so many milliseconds for what was
        # sent, and seconds for an answer. Web processes give up sooner: config.postgresql.
        tcp_user_timeout=10_000,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=2,
    )

CACHES = {
    "default": env.cache_url(
        "CACHE_URL",
        default="locmemcache://",
        # django-environ would name a package that is not installed for redis://.
        backend=(
            "django.core.cache.backends.redis.RedisCache"
            if env.str("CACHE_URL", default="").startswith("redis")
            else None
        ),
    )
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- Languages and time -----------------------------------------------------

# The official languages, in the organization's order.
LANGUAGES = [
    ("ar", _("Arabic")),
    ("zh-hans", _("Chinese")),
    ("en", _("English")),
    ("fr", _("French")),
    ("ru", _("Russian")),
    ("es", _("Spanish")),
]
LANGUAGE_CODE = "en"
# Chosen by staff on their pages; public pages are in the language of their address.
LANGUAGE_COOKIE_NAME = "staff_language"
LANGUAGE_COOKIE_PATH = "/admin/"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = HTTPS
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
# Instants are stored in UTC; every printed time is the wall time of its session's zone.
TIME_ZONE = "UTC"
USE_TZ = True

# --- Files ------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
# Made here, so that the embedded database and the static files find their folder in a
# fresh checkout whichever command comes first.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
# The folder of issued editions: all that the public side reads.
EDITIONS_FOLDER = Path(
    env.str("EDITIONS_FOLDER", default=str(BASE_DIR / "var" / "editions"))
)
EDITIONS_MEMORY_MIB = env.int("EDITIONS_MEMORY_MIB", default=64)
# Under this path of its own the front server sends documents out of that folder; empty:
# they are sent from here.
DOCUMENTS_INTERNAL_PATH = env.str("DOCUMENTS_INTERNAL_PATH", default="").rstrip("/")
# False: browsers take the service worker of the public pages out of service.
SERVICE_WORKER = env.bool("SERVICE_WORKER", default=True)

# --- Log --------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"sessions_app": {"level": "INFO"}},
}
