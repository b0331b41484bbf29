"""What every request passes: the size limit and the content security policy."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

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


class ContentSecurityPolicyMiddleware:
    """Sends settings.SECURE_CSP (directive to sources, as in Django 6.0) on every
    answer that has no policy of its own. Goes when Django 6 is the base."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = "; ".join(
            " ".join([directive, *sources])
            for directive, sources in settings.SECURE_CSP.items()
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        return response
