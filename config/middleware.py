"""What every request passes: the safety headers, the size limit, and on the pages of staff
the language that they chose."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestLimitMiddleware:
    """Answers 413 with a plain page when a request says that it is larger than
    settings.REQUEST_LIMIT_BYTES (RFC 9110, 15.5.14). Django's own limit does not
    count the bytes of files."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > settings.REQUEST_LIMIT_BYTES:
            page = render_to_string(
                "413.html",
                {"limit_megabytes": settings.REQUEST_LIMIT_BYTES // 1024**2},
            )
            return HttpResponse(page, status=413)
        return self.get_response(request)


def content_security_policy(**changed: list[str]) -> str:
    """settings.SECURE_CSP as the header says it; `changed` directives (underscores for
    hyphens) take the place of those of the settings."""
    directives = settings.SECURE_CSP | {
        name.replace("_", "-"): sources for name, sources in changed.items()
    }
    return "; ".join(" ".join([name, *listed]) for name, listed in directives.items())


def safety_headers() -> dict[str, str]:
    """What every answer says to the browser: whence the page may load what (settings.
    SECURE_CSP, directive to sources, as in Django 6.0), which of the reader's devices it
    may ask for (none), and what Django's settings of the same purpose say."""
    denied = ", ".join(f"{feature}=()" for feature in settings.DENIED_FEATURES)
    return {
        "Content-Security-Policy": content_security_policy(),
        "Permissions-Policy": denied,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    }


class SafetyHeadersMiddleware:
    """Sends the safety headers on every answer that has none of its own of the name, but
    none against frames on what is made for them (`xframe_options_exempt`). The
    outermost: Django's middlewares do not reach the answers of those outside of them,
    nor those to errors of their own, such as a foreign Host."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.headers = tuple(safety_headers().items())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.headers:
            response.headers.setdefault(name, value)
        if getattr(response, "xframe_options_exempt", False):
            del response.headers["X-Frame-Options"]
        return response


class StaffLanguageMiddleware:
    """Shows the pages under /admin/ in the language that the account's browser chose
    on one of them, in settings.LANGUAGE_CODE before that. Public pages have the
    language of their address."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/"):
            return self.get_response(request)
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = chosen in dict(settings.LANGUAGES)
        with translation.override(chosen if known else settings.LANGUAGE_CODE):
            return self.get_response(request)
