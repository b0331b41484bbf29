"""Every address: staff under /admin/, readers everywhere else."""

from django.contrib import admin
from django.urls import include, path

from config import health
from sessions_app.public.urls import urlpatterns as public

# What readers ask for comes first, and flat: each list that is looked through in vain
# costs every request more than finding the page does.
urlpatterns = [
    *public,
    path("admin/", include("sessions_app.admin.urls")),
    path("admin/", admin.site.urls),
    path("healthz/ready", health.ready),
]

handler500 = "config.outages.server_error"
