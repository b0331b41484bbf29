"""What was issued, withdrawn, redacted and scheduled: to be read, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Length
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_app import page_dates
from sessions_app.admin.pages import StaffAdmin
from sessions_app.models import Document, Edition, Issuance, Redaction, Withdrawal
from sessions_app.outputs.addresses import agenda_address
from sessions_app.translated import NATIVE_NAMES, words


class ReadOnlyAdmin(StaffAdmin):
    """A page that shows and does nothing."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def address_of(edition: Edition, document: str = "", language: str = "") -> str:
    """The public address of an edition's agenda, or of one of its documents."""
    session = edition.session
    agenda = agenda_address(
        language or session.primary_language,
        session.conference.slug,
        session.slug,
        edition.number,
    )
    return agenda + document


def shown(text: Mapping[str, Any]) -> str:
    """A text in all its languages."""
    texts = [{"language": code, "words": said} for code, said in words(text).items()]
    return render_to_string("admin/sessions_app/edition/remark.html", {"texts": texts})


@admin.register(Edition)
class EditionAdmin(ReadOnlyAdmin):
    """The editions, the newest first."""

    list_display = [
        "session",
        "number",
        "label",
        "as_at_there",
        "links",
        "issued_by",
        "pages",
        "is_withdrawn",
    ]
    list_display_links = ["session", "number"]
    list_filter = [("session", admin.RelatedOnlyFieldListFilter), "status_word"]
    search_fields = ["label", "check_code", "digest", "session__slug"]
    ordering = ["-issued_at", "-pk"]
    fields = [
        "session",
        "number",
        "label",
        "status_word",
        "as_at_there",
        "issued_at_there",
        "issued_by",
        "remark_in_words",
        "check_code",
        "digest",
        "documents_listed",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Edition]:
        rows: QuerySet[Edition] = super().get_queryset(request)
        return (
            rows.select_related("session__conference", "issued_by", "withdrawal")
            .defer("programme", "session__conference__logo")
            .annotate(sum_of_pages=Sum("documents__pages"), files=Count("documents"))
        )

    @admin.display(description=_("as at"), ordering="as_at")
    def as_at_there(self, edition: Edition) -> str:
        return page_dates.moment_there(edition.as_at, edition.session)

    @admin.display(description=_("issued"), ordering="issued_at")
    def issued_at_there(self, edition: Edition) -> str:
        return page_dates.moment_there(edition.issued_at, edition.session)

    @admin.display(description=_("pages"), ordering="sum_of_pages")
    def pages(self, edition: Any) -> int:
        return edition.sum_of_pages or 0

    @admin.display(description=_("withdrawn"), boolean=True)
    def is_withdrawn(self, edition: Edition) -> bool:
        return hasattr(edition, "withdrawal")

    @admin.display(description=_("remark"))
    def remark_in_words(self, edition: Edition) -> str:
        return shown(edition.remark)

    @admin.display(description=_("public pages"))
    def links(self, edition: Edition) -> str:
        return render_to_string(
            "admin/sessions_app/edition/links.html",
            {"agenda": address_of(edition), "note": address_of(edition, "note.pdf")},
        )

    @admin.display(description=_("documents"))
    def documents_listed(self, edition: Edition) -> str:
        documents = edition.documents.defer("content").annotate(size=Length("content"))
        listed = [
            {
                "name": document.name,
                "language": document.language,
                "language_name": NATIVE_NAMES.get(document.language, document.language),
                "address": address_of(edition, document.name, document.language),
                "pages": document.pages,
                "size": document.size,
                "sha256": document.sha256,
            }
            for document in documents
        ]
        return render_to_string(
            "admin/sessions_app/edition/documents.html",
            {"agenda": address_of(edition), "documents": listed},
        )


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    """The documents of editions."""

    list_display = ["edition", "name", "language", "pages", "size_in_kb", "link"]
    list_filter = ["name", "language"]
    search_fields = ["sha256", "edition__check_code", "edition__session__slug"]
    ordering = ["-edition__issued_at", "name", "language"]
    fields = ["edition", "name", "language", "pages", "size_in_kb", "sha256", "link"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        rows: QuerySet[Document] = super().get_queryset(request)
        return (
            rows.select_related("edition__session__conference")
            .defer(
                "content", "edition__programme", "edition__session__conference__logo"
            )
            .annotate(size=Length("content"))
        )

    @admin.display(description=_("size in kB"), ordering="size")
    def size_in_kb(self, document: Any) -> int:
        return int(document.size // 1000)

    @admin.display(description=_("public address"))
    def link(self, document: Document) -> str:
        address = address_of(document.edition, document.name, document.language)
        return render_to_string(
            "admin/sessions_app/edition/link.html", {"address": address}
        )


class OfSessionAdmin(ReadOnlyAdmin):
    """A record of an act on a session or on its edition."""

    @admin.display(description=_("at"), ordering="at")
    def at_in_utc(self, record: Any) -> str:
        return f"{record.at:%Y-%m-%d %H.%M} UTC"

    @admin.display(description=_("text"))
    def text_in_words(self, record: Any) -> str:
        return shown(getattr(record, "reason", None) or getattr(record, "remark", {}))


@admin.register(Withdrawal)
class WithdrawalAdmin(OfSessionAdmin):
    """Editions that were taken back."""

    list_display = ["edition", "at_in_utc", "by"]
    fields = ["edition", "at_in_utc", "by", "text_in_words"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Withdrawal]:
        rows: QuerySet[Withdrawal] = super().get_queryset(request)
        return rows.select_related("edition__session", "by").defer("edition__programme")


@admin.register(Redaction)
class RedactionAdmin(OfSessionAdmin):
    """Removals of a person’s data from editions."""

    list_display = ["session", "person_code", "at_in_utc", "closed_at", "by"]
    list_select_related = ["session", "by"]
    fields = ["session", "person_code", "at_in_utc", "closed_at", "by", "reason"]


@admin.register(Issuance)
class IssuanceAdmin(ReadOnlyAdmin):
    """Editions on their way: being made, or waiting for their minute."""

    list_display = ["session", "number", "label", "state", "minute", "by", "message"]
    list_filter = ["state"]
    fields = ["session", "number", "label", "minute", "state", "message", "by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Issuance]:
        rows: QuerySet[Issuance] = super().get_queryset(request)
        return rows.select_related("session", "by").defer("programme")

    @admin.display(description=_("to be issued"), ordering="at")
    def minute(self, issuance: Issuance) -> str:
        if issuance.at is None:
            return gettext("at once")
        return page_dates.moment_there(issuance.at, issuance.session)
