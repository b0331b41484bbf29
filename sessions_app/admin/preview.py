"""The draft as it would print, for staff alone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from config.middleware import content_security_policy
from sessions_app import duties, outputs
from sessions_app.compose import compose
from sessions_app.models import Session
from sessions_app.outputs import agenda, note_pdf
from sessions_app.outputs.pdf import PdfRefused
from sessions_app.programme import Programme


@require_safe
@xframe_options_sameorigin
def preview_agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """The agenda that the next edition would have; `?language=fr` for another of its
    languages. The issue page shows it in a frame."""
    programme = _draft(request, pk)
    language = _language(request, programme)
    page = agenda.render_agenda(agenda.Copy(programme, None, language))
    response = _unkept(HttpResponse(page))
    policy = content_security_policy(frame_ancestors=["'self'"])
    response["Content-Security-Policy"] = policy
    return response


@require_safe
def preview_note(request: HttpRequest, pk: int) -> HttpResponse:
    """The procedural note that the next edition would have, as PDF."""
    programme = _draft(request, pk)
    note = outputs.FORMATS["note.pdf"]
    try:
        content = note.render(programme, None, _language(request, programme))
    except PdfRefused as refusal:
        return _refused(request, pk, refusal)
    response = _unkept(HttpResponse(content, content_type=note.media_type))
    response["Content-Disposition"] = 'inline; filename="draft-note.pdf"'
    return response


@require_safe
def circulation_note(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft of the note to be sent round, DRAFT and the moment on each page, as a
    file to be saved; `?language=fr` for another language of the session."""
    programme = _draft(request, pk)
    language, now = _language(request, programme), timezone.now()
    try:
        content = note_pdf.render_draft(programme, language, now)
    except PdfRefused as refusal:
        return _refused(request, pk, refusal)
    response = _unkept(HttpResponse(content, content_type="application/pdf"))
    there = now.astimezone(ZoneInfo(programme.zone))
    name = f"draft-{programme.slug}-{there:%Y-%m-%d-%H%M}-{language}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _refused(request: HttpRequest, pk: int, refusal: PdfRefused) -> HttpResponse:
    messages.error(request, str(refusal))
    change = reverse("admin:sessions_app_session_change", args=[pk])
    return HttpResponseRedirect(change)


def _draft(request: HttpRequest, pk: int) -> Programme:
    """The programme of the rows. Raises PermissionDenied or Http404."""
    sessions = Session.objects.all()
    may = "sessions_app.view_session"
    return compose(duties.found(request.user, sessions, may, pk=pk))


def _language(request: HttpRequest, programme: Programme) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in programme.languages else programme.primary_language


def _unkept(response: HttpResponse) -> HttpResponse:
    """`response` as nobody may keep or list it: a draft stays with staff."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
