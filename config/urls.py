"""Every address: staff under /admin/, readers everywhere else."""

from django.contrib import admin
from django.urls import include, path

from config import health

urlpatterns = [
    path("admin/", include("sessions_app.admin.urls")),
    path("admin/", admin.site.urls),
    path("healthz/ready", health.ready),
    path("", include("sessions_app.public.urls")),
]

handler500 = "config.outages.server_error"
