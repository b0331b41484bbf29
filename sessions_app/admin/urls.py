"""The addresses of the desk that belong to no page of Django's own admin."""

from django.contrib import admin
from django.urls import path
from django.views.i18n import set_language

from sessions_app.admin import (
    duplicate,
    find,
    grid,
    history,
    issuance,
    merging,
    participant,
    redact,
    start,
    unconfirmed,
)

_view = admin.site.admin_view

app_name = "desk"
urlpatterns = [
    path("", _view(start.start_page), name="start"),
    path("find/", _view(find.find_page), name="find"),
    path("unconfirmed/", _view(unconfirmed.unconfirmed_page), name="unconfirmed"),
    path("day/<int:pk>/", _view(grid.grid_page), name="grid"),
    path("day/<int:pk>/copy/", _view(duplicate.copy_day_page), name="copy_day"),
    path("line/<slug:code>/", _view(participant.line_page), name="line"),
    path("edition/<int:pk>/", _view(issuance.issuance_page), name="issuance"),
    path("edition/<int:pk>/try-again/", _view(issuance.try_again), name="try_again"),
    path("edition/<int:pk>/call-off/", _view(issuance.call_off), name="call_off"),
    path("edition/<int:pk>/withdraw/", _view(issuance.withdraw_page), name="withdraw"),
    path("people/<int:pk>/merge/", _view(merging.merge_page), name="merge"),
    path("people/<int:pk>/unmerge/", _view(merging.unmerge_person), name="unmerge"),
    path("people/<int:pk>/redact/", _view(redact.redact_page), name="redact"),
    path("history/", _view(history.history_of_all), name="history"),
    path("history/<int:pk>/take-back/", _view(history.take_back), name="take_back"),
    # Before anybody has signed in, too.
    path("language/", set_language, name="language"),
]
