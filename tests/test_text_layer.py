"""What a reader of PDF files gets out of the notes: search, copies and voices of screen
readers live on the text layer, which may be noise behind letters that look right."""

import datetime as dt
import functools
import io
import re
import unicodedata
from collections import Counter

import lxml.html
import pypdf
import pypdfium2
import pytest

from sessions_app import dates, marking
from sessions_app.outputs import marked_note, note_pdf
from sessions_app.outputs.pdf import PdfRefused
from sessions_app.programme import (
    ConferenceEntry,
    DayEntry,
    DocumentEntry,
    FootnoteEntry,
    Former,
    LineEntry,
    PersonEntry,
    Programme,
    RoomEntry,
    SectionEntry,
    SlotEntry,
)
from tests.factories import make_imprint, make_programme

pytestmark = pytest.mark.thorough

SIX = ("ar", "zh-hans", "en", "fr", "ru", "es")
OTHERS = tuple(code for code in SIX if code != "ar")
# All other languages come back whole from both readers. Arabic is set from right to
# left, in letters that join: at least so much from the better reader, and the other.
ARABIC = (0.95, 0.75)

TITLE = {
    "ar": "الدورة المواضيعية الثالثة بشأن الهجرة الدولية",
    "zh-hans": "关于国际移民问题的第三次专题会议",
    "en": "Third informal thematic session on international migration",
    "fr": "Troisième séance thématique officieuse sur les migrations internationales",
    "ru": "Третье неофициальное тематическое заседание по международной миграции",
    "es": "Tercera sesión temática oficiosa sobre la migración internacional",
}
THEME = {
    "ar": "التعاون الدولي وإدارة شؤون الهجرة بجميع أبعادها، بما في ذلك على الحدود",
    "zh-hans": "国际合作与移民治理的各个方面，包括在边境、过境、入境和回返方面",
    "en": "Cooperation and governance of migration in all its dimensions",
    "fr": "La coopération et la gouvernance des migrations sous tous leurs aspects",
    "ru": "Сотрудничество и управление миграцией во всех её аспектах",
    "es": "La cooperación y la gobernanza de la migración en todos sus aspectos",
}
OFFICE = {
    "ar": "مكتب رئيس الجمعية العامة",
    "zh-hans": "大会主席办公室",
    "en": "Office of the President of the General Assembly",
    "fr": "Cabinet du Président de l’Assemblée générale",
    "ru": "Канцелярия Председателя Генеральной Ассамблеи",
    "es": "Oficina del Presidente de la Asamblea General",
}
CITY = {
    "ar": "جنيف",
    "zh-hans": "日内瓦",
    "en": "Geneva",
    "fr": "Genève",
    "ru": "Женева",
    "es": "Ginebra",
}
HALL = RoomEntry(
    code="hall",
    venue={
        "ar": "قصر الأمم",
        "zh-hans": "万国宫",
        "en": "Palais des Nations",
        "fr": "Palais des Nations",
        "ru": "Дворец Наций",
        "es": "Palacio de las Naciones",
    },
    name={
        "ar": "القاعة 19",
        "zh-hans": "第十九会议室",
        "en": "Room XIX",
        "fr": "Salle XIX",
        "ru": "Зал XIX",
        "es": "Sala XIX",
    },
)
FORMAT = {
    "ar": (
        "تُعقد الدورة يومي 19 و20 حزيران/يونيه 2017، وتتألف من **ثلاث حلقات نقاش**. "
        "للاستفسار يُرجى مراسلة Secretariat على العنوان migration@un.org أو زيارة "
        "https://example.org/sessions/3.\n\n"
        "- مدة الكلمة 3 دقائق للدول، و5 دقائق للمجموعات\n"
        "- تُرسل البيانات قبل الساعة 18:00 من يوم 16 حزيران/يونيه"
    ),
    "zh-hans": (
        "会议将于2017年6月19日和20日举行，包括**三场小组讨论**。询问请写信至"
        "migration@un.org，或访问 https://example.org/sessions/3。\n\n"
        "- 各国发言时间为3分钟，集团发言为5分钟\n"
        "- 发言稿请于6月16日18:00之前提交秘书处Secretariat"
    ),
    "en": (
        "The session consists of **three panels** on 19 and 20 June 2017. Write to "
        "migration@un.org, or see https://example.org/sessions/3 for the first draft "
        "of the non-official file.\n\n"
        "- States have 3 minutes, groups have 5 minutes\n"
        "- Statements are sent before 18.00 on 16 June"
    ),
    "fr": (
        "La séance comprend **trois réunions-débats** les 19 et 20 juin 2017. Écrire à "
        "migration@un.org, ou voir https://example.org/sessions/3 ; l’œuvre commune "
        "n’est pas fixée.\n\n"
        "- Les États disposent de 3 minutes, les groupes de 5 minutes\n"
        "- Les déclarations sont à remettre avant 18 heures le 16 juin"
    ),
    "ru": (
        "Заседание состоит из **трёх дискуссий** 19 и 20 июня 2017 года. Вопросы "
        "просьба направлять по адресу migration@un.org, см. также "
        "https://example.org/sessions/3.\n\n"
        "- Государствам предоставляется 3 минуты, группам — 5 минут\n"
        "- Тексты выступлений принимаются до 18:00 16 июня (Secretariat)"
    ),
    "es": (
        "La sesión consta de **tres mesas redondas** los días 19 y 20 de junio de 2017. "
        "Escríbase a migration@un.org, o véase https://example.org/sessions/3; ¿quién "
        "habla? Los Estados.\n\n"
        "- Los Estados disponen de 3 minutos y los grupos de 5 minutos\n"
        "- Las declaraciones se envían antes de las 18.00 horas del 16 de junio"
    ),
}
FORMAT_HEADING = {
    "ar": "الشكل",
    "zh-hans": "会议形式",
    "en": "Format",
    "fr": "Déroulement",
    "ru": "Формат",
    "es": "Formato",
}
# Prints in capitals, of which J is the first to be torn off.
PANEL = {
    "ar": "حلقة النقاش 1",
    "zh-hans": "小组讨论1",
    "en": "Joint project 1",
    "fr": "Groupe de projet 1",
    "ru": "Дискуссия 1",
    "es": "Grupo de trabajo 1",
}
PANEL_TITLE = {
    "ar": "الأطفال والمهاجرون: من الالتزامات إلى التنفيذ",
    "zh-hans": "从承诺到落实：儿童与移民",
    "en": "From commitments to implementation: officials, children and offices",
    "fr": "Des engagements à la mise en œuvre : enfants et migrants",
    "ru": "От обязательств к осуществлению: дети и мигранты",
    "es": "De los compromisos a la aplicación: niños y migrantes",
}
CONCEPT = {
    "ar": (
        "ينظر المشاركون في سبل التعاون بين الدول عبر الحدود، وفي ما هو قائم من أطر "
        "وآليات، وفي ما يمكن البناء عليه لاحقًا. وقد اعتُمد إعلان نيويورك (القرار "
        "71/1) في 19 أيلول/سبتمبر 2016، ونصّ على مفاوضات حكومية دولية.\n\n"
        "ولا يُستثنى أحد؛ فللمجتمع المدني (NGO Committee on Migration) دور أساسي، "
        "وكذلك المنظمة الدولية للهجرة (IOM) التي تضم 166 دولة."
    ),
    "zh-hans": (
        "与会者将审视各国跨越边境开展合作的方式、现有的框架和机制，以及可以在此基础上"
        "进一步发展的内容。《纽约宣言》（第71/1号决议）于2016年9月19日通过，规定开展"
        "政府间谈判。\n\n"
        "任何人都不应掉队；民间社会（NGO Committee on Migration）和拥有166个成员国的"
        "国际移民组织（IOM）发挥着重要作用。"
    ),
    "en": (
        "The panel looks at the ways in which States cooperate across borders, at what "
        "exists and at what could be built on it. The New York Declaration (resolution "
        "71/1) was adopted on 19 September 2016 and calls for intergovernmental "
        "negotiations.\n\n"
        "Nobody is left behind: civil society (NGO Committee on Migration) and the "
        "International Organization for Migration (IOM), with 166 members, take part."
    ),
    "fr": (
        "La réunion examine comment les États coopèrent par-delà les frontières, ce qui "
        "existe et ce qui pourrait s’y ajouter. La Déclaration de New York (résolution "
        "71/1), adoptée le 19 septembre 2016, prévoit des négociations "
        "intergouvernementales.\n\n"
        "Nul n’est laissé de côté : la société civile (NGO Committee on Migration) et "
        "l’Organisation internationale pour les migrations (OIM), forte de 166 membres."
    ),
    "ru": (
        "Участники рассмотрят, как государства сотрудничают через границы, что уже "
        "существует и что ещё можно построить. Нью-Йоркская декларация (резолюция "
        "71/1) была принята 19 сентября 2016 года и предусматривает "
        "межправительственные переговоры.\n\n"
        "Никто не забыт: гражданское общество (NGO Committee on Migration) и "
        "Международная организация по миграции (МОМ), объединяющая 166 государств."
    ),
    "es": (
        "La mesa examina cómo cooperan los Estados a través de las fronteras, qué existe "
        "y qué podría añadirse. La Declaración de Nueva York (resolución 71/1), "
        "aprobada el 19 de septiembre de 2016, prevé negociaciones "
        "intergubernamentales.\n\n"
        "Nadie se queda atrás: la sociedad civil (NGO Committee on Migration) y la "
        "Organización Internacional para las Migraciones (OIM), con 166 miembros."
    ),
}
# What the former edition says instead, for the marked revision.
FORMER_TITLE = {
    "ar": "الأطفال والمهاجرون: من الأقوال إلى التنفيذ",
    "zh-hans": "从言论到落实：儿童与移民",
    "en": "From words to implementation: officials, children and offices",
    "fr": "Des paroles à la mise en œuvre : enfants et migrants",
    "ru": "От слов к осуществлению: дети и мигранты",
    "es": "De las palabras a la aplicación: niños y migrantes",
}
PANELLISTS = {
    "ar": "المشاركون في حلقة النقاش",
    "zh-hans": "小组成员",
    "en": "Panellists",
    "fr": "Intervenants",
    "ru": "Участники дискуссии",
    "es": "Panelistas",
}
MODERATED = {
    "ar": "تدير الجلسة {0}",
    "zh-hans": "由{0}主持",
    "en": "Moderated by {0}",
    "fr": "Modération\u00a0: {0}",
    "ru": "Ведущая — {0}",
    "es": "Moderación: {0}",
}
AMBASSADOR = {
    "ar": "سعادة السيد خوان خوسيه غوميس كاماتشو",
    "zh-hans": "胡安·何塞·戈麦斯·卡马乔先生阁下",
    "en": "H.E. Mr. Juan José Gómez Camacho",
    "fr": "S. E. M. Juan José Gómez Camacho",
    "ru": "Его Превосходительство г-н Хуан Хосе Гомес Камачо",
    "es": "Excmo. Sr. Juan José Gómez Camacho",
}
MISSION = {
    "ar": "الممثل الدائم للمكسيك لدى الأمم المتحدة، نيويورك",
    "zh-hans": "墨西哥常驻联合国代表，纽约",
    "en": "Permanent Representative of Mexico to the United Nations, New York",
    "fr": "Représentant permanent du Mexique auprès de l’ONU, New York",
    "ru": "Постоянный представитель Мексики при Организации Объединённых Наций",
    "es": "Representante Permanente de México ante las Naciones Unidas, Nueva York",
}
LATIN_NAME = dict.fromkeys(SIX, "Małgorzata Wahlström-Đorđević")
BOARD = {
    "ar": "رئيسة مجلس الإدارة، Dag Hammarskjöld Foundation",
    "zh-hans": "Dag Hammarskjöld Foundation 董事会主席",
    "en": "Chairperson of the Board, Dag Hammarskjöld Foundation",
    "fr": "Présidente du conseil, Dag Hammarskjöld Foundation",
    "ru": "Председатель правления, Dag Hammarskjöld Foundation",
    "es": "Presidenta de la Junta, Dag Hammarskjöld Foundation",
}
LUNCH = {
    "ar": "استراحة الغداء",
    "zh-hans": "午餐",
    "en": "Lunch",
    "fr": "Pause déjeuner",
    "ru": "Перерыв на обед",
    "es": "Almuerzo",
}
PAPER = {
    "ar": "ورقة معلومات أساسية",
    "zh-hans": "背景文件",
    "en": "Background paper",
    "fr": "Document d’information",
    "ru": "Справочный документ",
    "es": "Documento de antecedentes",
}
FOOTNOTE = {
    "ar": "انظر الوثيقة A/71/728، الفقرات 10 إلى 15.",
    "zh-hans": "见A/71/728号文件，第10至15段。",
    "en": "See document A/71/728, paragraphs 10 to 15.",
    "fr": "Voir le document A/71/728, paragraphes 10 à 15.",
    "ru": "См. документ A/71/728, пункты 10–15.",
    "es": "Véase el documento A/71/728, párrafos 10 a 15.",
}
TIMES = (("10:00", "13:00"), ("13:00", "15:00"), ("15:00", "17:50"))


# --- The programme ------------------------------------------------------------


def a_person(code: str, printed: dict[str, str], function: dict[str, str]):
    return PersonEntry(code=code, name=printed, printed=printed, function=function)


def a_slot(number: int, **changed) -> SlotEntry:
    start, end = map(dt.time.fromisoformat, TIMES[number])
    values = {"code": f"s{number}", "kind": "session", "start": start, "end": end}
    return SlotEntry(**{**values, **changed})


def the_programme(language: str, **of_panel) -> Programme:
    panel = a_slot(
        0,
        **{
            "kind": "panel",
            "label": PANEL,
            "title": PANEL_TITLE,
            "text": CONCEPT,
            "notes": {"text": (1,)},
            "agenda_item": "7 (b)",
            "interpretation": SIX,
            "lines": (
                LineEntry(
                    code="panellists",
                    text=PANELLISTS,
                    people=(
                        a_person("p1", AMBASSADOR, MISSION),
                        a_person("p2", LATIN_NAME, BOARD),
                    ),
                ),
                LineEntry(
                    code="moderator",
                    layout="sentence",
                    text=MODERATED,
                    people=(a_person("p3", AMBASSADOR, BOARD),),
                ),
            ),
            "documents": (
                DocumentEntry(
                    symbol="A/CONF.99/2/Add.1",
                    title=PAPER,
                    address="https://example.org/2",
                ),
            ),
            **of_panel,
        },
    )
    slots = (panel, a_slot(1, kind="lunch", title=LUNCH), a_slot(2, title=THEME))
    return make_programme(
        conference=ConferenceEntry(slug="migration", title=TITLE, office=OFFICE),
        title=TITLE,
        theme=THEME,
        symbol="A/CONF.99/L.3",
        city=CITY,
        room=HALL,
        starts_on=dt.date(2017, 6, 19),
        ends_on=dt.date(2017, 6, 20),
        languages=SIX,
        primary_language=language,
        days=(DayEntry(number=1, date=dt.date(2017, 6, 19), slots=slots),),
        sections=(SectionEntry(place="before", heading=FORMAT_HEADING, text=FORMAT),),
        footnotes=(FootnoteEntry(number=1, key="paper", text=FOOTNOTE),),
    )


@functools.cache
def note(language: str) -> tuple[str, bytes]:
    """The note as HTML and as PDF."""
    programme, imprint = the_programme(language), make_imprint()
    return (
        note_pdf.render_html(programme, imprint, language),
        note_pdf.render(programme, imprint, language),
    )


@functools.cache
def marked(language: str) -> tuple[str, bytes]:
    """The marked revision as HTML and as PDF."""
    after, imprint = the_programme(language), make_imprint(2)
    before = the_programme(
        language, title=FORMER_TITLE, start=dt.time(9, 30), documents=()
    )
    former = Former(before, make_imprint(1))
    html = note_pdf.render_html(
        marking.mark(before, after), imprint, language, former=former
    )
    return html, marked_note.render(after, imprint, language, former)


# --- Words ----------------------------------------------------------------------


def by_pdfium(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    # So it gives a hyphen at which a line ends.
    return "\n".join(pages).replace("\ufffe", "-")


def by_pypdf(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return "\n".join(page.extract_text() for page in pages)


READERS = {"pdfium": by_pdfium, "pypdf": by_pypdf}

# Marks of direction, the tatweel, and the vowels that Arabic may do without.
_UNSEEN = re.compile(
    "[\u00ad\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_WORD = re.compile(r"\d+(?:[.:]\d+)*|[^\W\d_]+")
_BLOCKS = ("p", "div", "li", "td", "th", "h1", "h2", "h3", "h4", "br")
_CHINESE = re.compile("[\u3400-\u9fff]")


def folded(text: str) -> str:
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()


def words_of(text: str) -> Counter[str]:
    """The words and numbers of a text, each with how often it stands there; a Chinese
    character is a word."""
    return Counter(_WORD.findall(_CHINESE.sub(r" \g<0> ", folded(text))))


def printed_in(html: str) -> str:
    """What the body prints, without the lines at the head and foot of each page. What
    stands in no line with its neighbours is no word with them."""
    body = lxml.html.document_fromstring(html).body
    for running in body.find_class("running"):
        running.drop_tree()
    apart = [*body.iter(*_BLOCKS), *body.find_class("label")]
    apart += [span for line in body.find_class("pause-line") for span in line]
    for element in (*apart, *body.find_class("footnote")):
        element.text = f"\n{element.text or ''}"
        element.tail = f"\n{element.tail or ''}"
    return body.text_content()


def recovered(html: str, content: bytes) -> dict[str, float]:
    """The share of the printed words that each reader finds again."""
    expected = words_of(printed_in(html))
    return {
        name: (expected & words_of(read(content))).total() / expected.total()
        for name, read in READERS.items()
    }


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("document", [note, marked])
def test_every_word_comes_back_from_the_text_layer(document, language):
    html, content = document(language)
    expected = words_of(printed_in(html))

    lost = {name: expected - words_of(read(content)) for name, read in READERS.items()}

    assert lost == {name: Counter() for name in READERS}


@pytest.mark.parametrize("document", [note, marked])
def test_arabic_words_come_back_from_the_text_layer(document):
    worse, better = sorted(recovered(*document("ar")).values())

    assert (better >= ARABIC[0], worse >= ARABIC[1]) == (True, True), (better, worse)


# --- Order ----------------------------------------------------------------------


def unspaced(text: str) -> str:
    """Without the spaces, of which the ends of lines are some."""
    return re.sub(r"\s", "", folded(text))


def ranges(language: str) -> list[str]:
    return [
        dates.time_range(*map(dt.time.fromisoformat, both), language, "point")
        for both in TIMES
    ]


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("language", OTHERS)
def test_times_and_paragraphs_come_back_in_the_order_of_reading(language, read):
    text = unspaced(read(note(language)[1]))
    wanted = [*ranges(language), *CONCEPT[language].split("\n\n"), FOOTNOTE[language]]

    assert [words for words in wanted if unspaced(words) not in text] == []


@pytest.mark.parametrize("document", [note, marked])
def test_arabic_times_come_back_in_the_order_of_reading(document):
    """From pdfium, on which browsers stand, down to the space."""
    text = " ".join(folded(by_pdfium(document("ar")[1])).split())

    assert [words for words in ranges("ar") if words not in text] == []


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_arabic_numbers_are_never_turned_round(read):
    found = words_of(read(note("ar")[1]))
    numbers = {"10:00", "13:00", "15:00", "17:50", "18:00", "2016", "166", "71"}
    turned = {number[::-1] for number in numbers}

    assert (numbers - found.keys(), turned & found.keys()) == (set(), set())


# --- Rare letters -----------------------------------------------------------------


def in_title(letter: str) -> bytes:
    title = {"zh-hans": f"{letter}先生的发言"}
    return note_pdf.render(
        the_programme("zh-hans", title=title), make_imprint(), "zh-hans"
    )


@pytest.mark.parametrize("letter", ["龍", "喆", "镕", "堃"])
def test_rare_letter_of_a_name_comes_back_from_a_bold_line(letter):
    """The bold file has fewer letters than the regular one, which takes its place."""
    content = in_title(letter)

    assert [f"{letter}先生的发言" in read(content) for read in READERS.values()] == [
        True,
        True,
    ]


@pytest.mark.parametrize(("letter", "code"), [("𠮷", "20BB7"), ("㼆", "3F06")])
def test_letter_that_no_font_has_is_told_and_does_not_print_as_a_box(letter, code):
    with pytest.raises(PdfRefused) as refusal:
        in_title(letter)

    assert str(refusal.value) == (
        "The printed document has no letters for these characters: "
        f"“{letter}” (U+{code}). Replace them in the programme."
    )
