"""The roles that a secretariat finds ready: the terms of the six official languages.

`load_roles` writes them once; what staff change or add afterwards stays."""

from sessions_app.translated import LANGUAGE_CODES, translated
from speakers.models import Role

# Columns: neutral, masculine, feminine, plural, closing line; each in the order
# ar, zh-hans, en, fr, ru, es, separated by " | ". An empty cell prints the neutral form.
_VOCABULARY: dict[str, tuple[str, str, str, str, str]] = {
    "chair": (
        "رئاسة الجلسة | 主席 | Chair | Présidence | Председатель | Presidencia",
        "الرئيس | 主席 | Chair | Président | Председатель | Presidente",
        "الرئيسة | 主席 | Chair | Présidente | Председатель | Presidenta",
        "رئاسة الجلسة | 主席 | Chairs | Présidence | Председатели | Presidencia",
        "برئاسة {people} | 主席：{people} | Chaired by {people} | Présidence : {people} | Председательство: {people} | Presidencia: {people}",
    ),
    "co-chair": (
        "الرئاسة المشاركة | 共同主席 | Co-Chair | Coprésidence | Сопредседатель | Copresidencia",
        "الرئيس المشارك | 共同主席 | Co-Chair | Coprésident | Сопредседатель | Copresidente",
        "الرئيسة المشاركة | 共同主席 | Co-Chair | Coprésidente | Сопредседатель | Copresidenta",
        "الرئيسان المشاركان | 共同主席 | Co-Chairs | Coprésidence | Сопредседатели | Copresidencia",
        "برئاسة مشتركة من {people} | 共同主席：{people} | Co-chaired by {people} | Coprésidence : {people} | Сопредседательствуют: {people} | Copresidencia: {people}",
    ),
    "co-facilitator": (
        "التيسير المشترك | 共同协调人 | Co-facilitator | Cofacilitation | Сокоординатор | Cofacilitación",
        "الميسّر المشارك | 共同协调人 | Co-facilitator | Cofacilitateur | Сокоординатор | Cofacilitador",
        "الميسّرة المشاركة | 共同协调人 | Co-facilitator | Cofacilitatrice | Сокоординатор | Cofacilitadora",
        "الميسّران المشاركان | 共同协调人 | Co-facilitators | Cofacilitation | Сокоординаторы | Cofacilitación",
        " |  |  |  |  | ",
    ),
    "moderator": (
        "إدارة الجلسة | 主持人 | Moderator | Modération | Модератор | Moderación",
        "مدير الجلسة | 主持人 | Moderator | Modérateur | Модератор | Moderador",
        "مديرة الجلسة | 主持人 | Moderator | Modératrice | Модератор | Moderadora",
        "إدارة الجلسة | 主持人 | Moderators | Modération | Модераторы | Moderación",
        "إدارة الجلسة: {people} | 主持人：{people} | Moderated by {people} | Modération : {people} | Модератор: {people} | Moderación: {people}",
    ),
    "panellist": (
        "المشاركة في حلقة النقاش | 专题讨论嘉宾 | Panellist | Intervenant(e) | Участник дискуссии | Panelista",
        "المشارك في حلقة النقاش | 专题讨论嘉宾 | Panellist | Intervenant | Участник дискуссии | Panelista",
        "المشاركة في حلقة النقاش | 专题讨论嘉宾 | Panellist | Intervenante | Участница дискуссии | Panelista",
        "المشاركون في حلقة النقاش | 专题讨论嘉宾 | Panellists | Intervenants | Участники дискуссии | Panelistas",
        " |  |  |  |  | ",
    ),
    "speaker": (
        "المتحدث(ة) | 发言人 | Speaker | Orateur/Oratrice | Оратор | Orador/a",
        "المتحدث | 发言人 | Speaker | Orateur | Оратор | Orador",
        "المتحدثة | 发言人 | Speaker | Oratrice | Оратор | Oradora",
        "المتحدثون | 发言人 | Speakers | Intervenants | Ораторы | Oradores",
        " |  |  |  |  | ",
    ),
    "keynote-speaker": (
        "المتحدث(ة) الرئيسي(ة) | 主旨发言人 | Keynote speaker | Discours d’orientation | Основной докладчик | Orador/a principal",
        "المتحدث الرئيسي | 主旨发言人 | Keynote speaker | Orateur principal | Основной докладчик | Orador principal",
        "المتحدثة الرئيسية | 主旨发言人 | Keynote speaker | Oratrice principale | Основной докладчик | Oradora principal",
        "المتحدثون الرئيسيون | 主旨发言人 | Keynote speakers | Orateurs principaux | Основные докладчики | Oradores principales",
        " |  |  |  |  | ",
    ),
    "opening-speaker": (
        "كلمة افتتاحية | 开幕发言 | Opening remarks | Allocution d’ouverture | Вступительное слово | Palabras de apertura",
        " |  |  |  |  | ",
        " |  |  |  |  | ",
        "كلمات افتتاحية | 开幕发言 | Opening remarks | Allocutions d’ouverture | Вступительное слово | Palabras de apertura",
        " |  |  |  |  | ",
    ),
    "rapporteur": (
        "المقرر(ة) | 报告员 | Rapporteur | Rapporteur/Rapporteuse | Докладчик | Relator/a",
        "المقرر | 报告员 | Rapporteur | Rapporteur | Докладчик | Relator",
        "المقررة | 报告员 | Rapporteur | Rapporteuse | Докладчик | Relatora",
        "المقررون | 报告员 | Rapporteurs | Rapporteurs | Докладчики | Relatores",
        "المقرر(ة): {people} | 报告员：{people} | Rapporteur: {people} | Rapporteur/Rapporteuse : {people} | Докладчик: {people} | Relatoría: {people}",
    ),
    "discussant": (
        "المعقّب(ة) | 评论人 | Discussant | Débatteur/Débatteuse | Дискуссант | Comentarista",
        "المعقّب | 评论人 | Discussant | Débatteur | Дискуссант | Comentarista",
        "المعقّبة | 评论人 | Discussant | Débatteuse | Дискуссант | Comentarista",
        "المعقّبون | 评论人 | Discussants | Débatteurs | Дискуссанты | Comentaristas",
        " |  |  |  |  | ",
    ),
    "thematic-expert": (
        "الخبير(ة) المواضيعي(ة) | 专题专家 | Thematic expert | Expert(e) thématique | Эксперт по теме | Experto/a temático/a",
        "الخبير المواضيعي | 专题专家 | Thematic expert | Expert thématique | Эксперт по теме | Experto temático",
        "الخبيرة المواضيعية | 专题专家 | Thematic expert | Experte thématique | Эксперт по теме | Experta temática",
        "الخبراء المواضيعيون | 专题专家 | Thematic experts | Experts thématiques | Эксперты по теме | Expertos temáticos",
        " |  |  |  |  | ",
    ),
    "facilitator": (
        "الميسّر(ة) | 协调人 | Facilitator | Animateur/Animatrice | Координатор | Facilitador/a",
        "الميسّر | 协调人 | Facilitator | Animateur | Координатор | Facilitador",
        "الميسّرة | 协调人 | Facilitator | Animatrice | Координатор | Facilitadora",
        "الميسّرون | 协调人 | Facilitators | Animateurs | Координаторы | Facilitadores",
        "تيسير: {people} | 协调人：{people} | Facilitated by {people} | Animation : {people} | Координатор: {people} | Facilitación: {people}",
    ),
    "introducer": (
        "عرض الموضوع | 介绍人 | Introducer | Présentation du sujet | Представление темы | Presentación del tema",
        " |  |  |  |  | ",
        " |  |  |  |  | ",
        "عرض الموضوع | 介绍人 | Introducers | Présentation du sujet | Представление темы | Presentación del tema",
        "عرض الموضوع: {people} | 介绍人：{people} | Introduced by {people} | Présentation du sujet : {people} | Тему представляет: {people} | Presentación del tema: {people}",
    ),
    "vice-president-and-rapporteur": (
        "نيابة الرئاسة ومهمة المقرر | 副主席兼报告员 | Vice-President and Rapporteur | Vice-présidence et rapport | Заместитель Председателя и Докладчик | Vicepresidencia y relatoría",
        "نائب الرئيس والمقرر | 副主席兼报告员 | Vice-President and Rapporteur | Vice-président et rapporteur | Заместитель Председателя и Докладчик | Vicepresidente y relator",
        "نائبة الرئيس والمقررة | 副主席兼报告员 | Vice-President and Rapporteur | Vice-présidente et rapporteuse | Заместитель Председателя и Докладчик | Vicepresidenta y relatora",
        " |  |  |  |  | ",
        " |  |  |  |  | ",
    ),
    "participant": (
        "المشارك(ة) | 与会者 | Participant | Participant(e) | Участник | Participante",
        "المشارك | 与会者 | Participant | Participant | Участник | Participante",
        "المشاركة | 与会者 | Participant | Participante | Участница | Participante",
        "المشاركون | 与会者 | Participants | Participants | Участники | Participantes",
        " |  |  |  |  | ",
    ),
}

_FIELDS = (
    "label_neutral",
    "label_masculine",
    "label_feminine",
    "label_plural",
    "by_line",
)


def load_roles() -> int:
    """Writes the roles of the vocabulary that are not there yet and gives their
    number. A role that is there keeps what staff made of it."""
    known = set(Role.objects.values_list("key", flat=True))
    missing = [key for key in _VOCABULARY if key not in known]
    ranks = {key: 10 * place for place, key in enumerate(_VOCABULARY, start=1)}
    Role.objects.bulk_create([_role(key, ranks[key]) for key in missing])
    return len(missing)


def _role(key: str, rank: int) -> Role:
    columns = {
        field: translated(
            dict(zip(LANGUAGE_CODES, map(str.strip, row.split("|")), strict=True)), "en"
        )
        for field, row in zip(_FIELDS, _VOCABULARY[key], strict=True)
    }
    prints = Role.Prints.CLOSING_LINE if columns["by_line"] else Role.Prints.BULLETS
    return Role(key=key, rank=rank, prints=prints, **columns)
