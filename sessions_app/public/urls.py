"""The public addresses, as `sessions_app.outputs.addresses` writes them."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import SlugConverter, StringConverter

from sessions_app.outputs.addresses import language_from_address, language_in_address
from sessions_app.public import views
from sessions_app.translated import LANGUAGE_CODES


class LanguageInAddress(StringConverter):
    """An official language, by its first part: "zh" is "zh-hans"."""

    regex = "|".join(language_in_address(code) for code in LANGUAGE_CODES)

    def to_python(self, value: str) -> str:
        return language_from_address(value)

    def to_url(self, value: str) -> str:
        return language_in_address(value)


class ConferenceInAddress(SlugConverter):
    """The slug of a conference: none is named as the check of printed copies is, or as
    the page without a network."""

    regex = r"(?!(?:check|offline)/)[-a-zA-Z0-9_]+"


class EditionNumber(StringConverter):
    """1, 2, 3 …, in one way of writing it, and no number that nobody reaches."""

    regex = "[1-9][0-9]{0,5}"

    def to_python(self, value: str) -> int:  # type: ignore[override]
        return int(value)

    def to_url(self, value: int) -> str:  # type: ignore[override]
        return str(value)


class FileName(StringConverter):
    """The name of a document: "note.pdf"."""

    regex = r"[a-z]+\.[a-z]+"


register_converter(LanguageInAddress, "language")
register_converter(ConferenceInAddress, "conference")
register_converter(EditionNumber, "number")
register_converter(FileName, "file")

_SESSION = "<language:language>/<conference:conference>/<slug:session>/"
_EDITION = f"{_SESSION}editions/<number:number>/"


def _edition(under: str, *own: URLPattern) -> list[URLPattern]:
    """What is alike for the current edition and for each edition by its number, with the
    files that one of them has of its `own`. What is read most comes first: an address
    that is tried in vain costs more than the page."""
    return [
        path(under, views.session),
        path(f"{under}slots/<slug:code>/", views.slot),
        path(f"{under}people/<slug:code>/", views.person),
        path(f"{under}people/", views.people),
        path(f"{under}delegations/", views.delegations),
        path(f"{under}screen/", views.screen),
        path(f"{under}mine/", views.mine),
        path(f"{under}agenda.ics", views.agenda_calendar),
        path(f"{under}days.ics", views.days_calendar),
        path(f"{under}mine.ics", views.chosen_calendar),
        path(f"{under}slots/<str:code>.ics", views.slot_calendar),
        path(f"{under}people/<str:code>.ics", views.person_calendar),
        path(f"{under}days/<number:day>.ics", views.day_calendar),
        path(f"{under}frame/", views.frame),
        path(f"{under}days/<number:day>/frame/", views.frame),
        *own,
        path(f"{under}<file:name>", views.document),
        path(f"{under}changes/<number:since>/", views.changes_since),
    ]


urlpatterns = [
    *_edition(
        _SESSION,
        path(f"{_SESSION}current.json", views.current),
        path(f"{_SESSION}changes.atom", views.feed),
        path(f"{_SESSION}sitemap.xml", views.session_sitemap),
    ),
    *_edition(_EDITION),
    path(f"{_SESSION}editions/", views.editions),
    path(f"{_EDITION}changes/", views.changes),
    path(f"{_EDITION}changes/<number:since>/marked/", views.marked),
    *(path(f"{under}<path:path>/", views.nothing) for under in (_EDITION, _SESSION)),
    path("<language:language>/<conference:conference>/", views.conference),
    path("<language:language>/check/<slug:code>/", views.check),
    path("<language:language>/check/", views.check_form),
    path("check/", views.look_up),
    path("check/<str:typed>", views.look_up),
    path("check/<str:typed>/", views.look_up),
    path("<language:language>/offline/", views.offline),
    path("<language:language>/", views.sessions),
    path("", views.start),
    path("robots.txt", views.robots),
    path("sitemap.xml", views.sitemap_index),
    path("service-worker.js", views.service_worker),
    path("healthz", views.health),
]
