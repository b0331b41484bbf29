"""People and the roles they hold. What they do in a session stands on its lines."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Cast, Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from sessions_app.translated import NotesField, TranslatedField, WordsField, words
from speakers.codes import new_code

PEOPLE = "{people}"


def bounded(model: str, **lengths: int) -> list[models.BaseConstraint]:
    """One constraint for each named column: at most so many characters. SQLite takes
    a longer text than a column declares, so the bound is a check of its own; a text
    in six languages is bounded as a whole, as it is stored."""
    return [
        models.CheckConstraint(
            condition=LessThanOrEqual(Length(Cast(column, models.TextField())), length),
            name=f"{model}_{column}_is_bounded",
            violation_error_message=_("This text is too long to be kept."),
        )
        for column, length in lengths.items()
    ]


class Role(models.Model):
    """What somebody is in a slot (moderator, panellist, co-facilitator), with the
    grammar that prints it in six languages."""

    class Prints(models.TextChoices):
        BULLETS = "bullets", _("as a list of people")
        CLOSING_LINE = "closing", _("as a closing line")

    key = models.SlugField(
        _("key"),
        max_length=40,
        unique=True,
        help_text=_("Names the role in data files. Never printed."),
    )
    label_neutral = TranslatedField(
        _("label, neutral form"),
        max_length=80,
        help_text=_(
            "Prints when a person has stated no form: “Chair”, “Président(e)”."
        ),
    )
    label_masculine = TranslatedField(
        _("label, masculine form"), max_length=80, blank=True
    )
    label_feminine = TranslatedField(
        _("label, feminine form"), max_length=80, blank=True
    )
    label_plural = TranslatedField(
        _("label, plural"),
        max_length=80,
        blank=True,
        help_text=_("Prints above several people of this role on the agenda."),
    )
    by_line = TranslatedField(
        _("closing line"),
        max_length=120,
        blank=True,
        help_text=_(
            "The words around the names, with {people} where they print: "
            "“Moderated by {people}”."
        ),
    )
    prints = models.CharField(
        _("prints"), max_length=10, choices=Prints, default=Prints.BULLETS
    )
    rank = models.PositiveSmallIntegerField(
        _("rank"),
        default=100,
        help_text=_(
            "The order of roles in lists for staff. Slots keep their own order."
        ),
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["rank", "key"]
        constraints = bounded(
            "role",
            key=40,
            label_neutral=1200,
            label_masculine=1200,
            label_feminine=1200,
            label_plural=1200,
            by_line=1600,
        )

    def __str__(self) -> str:
        return str(words(self.label_neutral).get("en", self.key))

    def clean(self) -> None:
        for said in words(self.by_line).values():
            rest = said.replace(PEOPLE, "", 1)
            if PEOPLE not in said or "{" in rest or "}" in rest:
                raise ValidationError(
                    {
                        "by_line": _(
                            "Each language needs {people} once, where the names print, "
                            "and no other curly brackets: “Moderated by {people}”."
                        )
                    }
                )


class PersonQuerySet(models.QuerySet["Person"]):
    def current(self) -> "PersonQuerySet":
        """Records that have not been merged into another."""
        return self.filter(merged_into__isnull=True)


class Person(models.Model):
    """Somebody who may be named in a programme. Nothing about a person is derived:
    the form of address and of labels is what the person stated."""

    class LabelForm(models.TextChoices):
        UNSTATED = "", _("not stated")
        MASCULINE = "masculine", _("masculine")
        FEMININE = "feminine", _("feminine")
        NEUTRAL = "neutral", _("neutral")

    code = models.CharField(
        _("code"), max_length=12, unique=True, default=new_code, editable=False
    )
    given_names = WordsField(_("given names"), max_length=120, blank=True)
    family_name = WordsField(
        _("family name"),
        max_length=120,
        blank=True,
        help_text=_("Sorts the person in lists."),
    )
    printed_name = TranslatedField(
        _("printed name"),
        max_length=200,
        help_text=_("Exactly as it prints, without honorific: “Jürg Lauber”."),
    )
    honorific = TranslatedField(
        _("honorific"),
        max_length=60,
        blank=True,
        help_text=_("Prints before the name: “H.E. Mr.”. Leave empty to print none."),
    )
    function = TranslatedField(
        _("function"),
        max_length=400,
        blank=True,
        help_text=_("Prints after the name, office and organization as one text."),
    )
    state = TranslatedField(
        _("State"),
        max_length=120,
        blank=True,
        help_text=_("The State that the person represents. For search and lists."),
    )
    organization = TranslatedField(
        _("organization"),
        max_length=200,
        blank=True,
        help_text=_("For search and lists; the function is what prints."),
    )
    label_form = models.CharField(
        _("form of labels"),
        max_length=10,
        choices=LabelForm,
        default=LabelForm.UNSTATED,
        blank=True,
        help_text=_(
            "Only what the person stated. Where nothing is, labels are neutral."
        ),
    )
    pronunciation = WordsField(
        _("pronunciation"),
        max_length=200,
        blank=True,
        help_text=_("For the podium. Never public."),
    )
    internal_contact = NotesField(
        _("internal contact"),
        max_length=2000,
        blank=True,
        help_text=_("For the secretariat. Never public."),
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_records",
        help_text=_("Another record of the same person; this code then leads there."),
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["family_name", "given_names", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")),
                name="person_is_not_merged_into_itself",
                violation_error_message=_(
                    "A record cannot be merged into itself: choose the other record."
                ),
            ),
            *bounded(
                "person",
                code=12,
                given_names=120,
                family_name=120,
                printed_name=2000,
                honorific=1200,
                function=4000,
                state=1500,
                organization=2000,
                pronunciation=200,
                internal_contact=2000,
            ),
        ]

    def __str__(self) -> str:
        printed = words(self.printed_name)
        return str(printed.get("en") or next(iter(printed.values()), self.code))

    def clean(self) -> None:
        if self.merged_into and self.merged_into.merged_into_id:
            raise ValidationError(
                {
                    "merged_into": _(
                        "This record was itself merged into another. Choose that one."
                    )
                }
            )
        if self.merged_into and self.pk and self.merged_records.exists():
            raise ValidationError(
                {
                    "merged_into": _(
                        "Other records were merged into this one. Merge those into the "
                        "record to be kept first."
                    )
                }
            )
