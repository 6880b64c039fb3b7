"""What the company table can be asked: one row an attribute, with its kind, where its values stand, how one is read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from tamis.app.models import (
    Claim,
    ClaimKind,
    CompanyDomain,
    CompanyIdentifier,
    CompanyName,
    CompanyValue,
    CustomField,
    List,
    Segment,
    Tagged,
)
from tamis.app.services import lists, statuses, tags
from tamis.app.services.company_labels import LABELS, Text
from tamis.app.services.custom_fields import fields_of
from tamis.app.services.subjects import COMPANY, Subject
from tamis.app.services.value_tests import Column, Headcount, Instants, Place, Rows
from tamis.errors import NotFound, Refused, did_you_mean
from tamis.identity.folding import fold, name_key
from tamis.identity.identifiers import BadValue
from tamis.messages import say
from tamis.sources import custom_fields
from tamis.sources.company_fields import BRACKETS, BY_KEY, SIZE_CLASSES, read_date


class Kind(StrEnum):
    """What an attribute holds: it decides which operators it takes."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes-no"


@dataclass(frozen=True)
class Choice:
    """One of few values: how it is written in an address, what people call it, the heading it stands under."""

    value: str
    label: str
    group: str = ""


@dataclass(frozen=True)
class Attribute:
    """Something the table can be asked about.

    ``read`` gives the stored values that a text means (one, but for segments and the like), ``write`` the text again in
    its one form, ``fold`` what part of a text is compared as. All raise :class:`~tamis.identity.identifiers.BadValue`.
    """

    key: str
    label: Text
    kind: Kind
    place: Place
    group: Text
    read: Callable[[str], Sequence[Any]]
    write: Callable[[str], str] = lambda text: text
    part: Callable[[str], str] = fold
    choices: Callable[[], Sequence[Choice]] = tuple
    shows: Callable[[str], str] = lambda text: text

    @property
    def always_known(self) -> bool:
        """Whether every company, or every contact, has it."""
        return self.key in ("name", "segment", "list", "first_seen", "created", "updated")


NAMES, IDENTIFIERS, WEB, ACTIVITY, WHERE, SORTED, OWN, KNOWN = (
    _("Noms"), _("Identifiants"), _("Site et messagerie"), _("Activité et taille"), _("Lieu"), _("Rangement"),
    _("Vos champs"), _("Suivi"),
)  # fmt: skip


def _field(key: str, kind: Kind, group: Text, place: Place | None = None, **options: Any) -> Attribute:
    """A built-in field, read as files are."""

    def value(text: str) -> Any:
        return BY_KEY[key].read(text.strip().zfill(2) if key == "department" else text).value

    def write(text: str) -> str:
        return custom_fields.shown_value(value(text))

    return Attribute(
        key, LABELS[key], kind, place or Column(key), group, lambda text: (value(text),), write,
        **({"part": _code} | options),
    )  # fmt: skip


def _code(text: str) -> str:
    """The beginning of a code, as codes are written: capitals, without spaces."""
    return "".join(text.split()).upper()


def _naf_start(text: str) -> str:
    """The beginning of a NAF code with its dot in place: ``6201`` is ``62.01``."""
    code = "".join(char for char in text.upper() if char.isalnum())
    return f"{code[:2]}.{code[2:]}" if len(code) > 2 else code


def _name(key: str, label: Text, kind: str = "") -> Attribute:
    only = {"kind": kind} if kind else {}
    return Attribute(
        key, label, Kind.TEXT, Rows(CompanyName, "key", only, "text"), NAMES,
        lambda text: (name_key(text),), _one_line, name_key,
    )  # fmt: skip


def _place(key: str) -> Attribute:
    return Attribute(
        key, LABELS[key], Kind.TEXT, Column(f"{key}_key", key), WHERE, lambda text: (fold(text),), _one_line
    )


def _domain(key: str, use: str) -> Attribute:
    def host(text: str) -> str:
        return str(BY_KEY[key].read(text).value)

    place = Rows(CompanyDomain, "host", {"use": use})
    return Attribute(
        key, LABELS[key], Kind.TEXT, place, WEB, lambda text: (host(text),), host, lambda text: text.lower()
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _choice(key: str, choices: Callable[[], Sequence[Choice]], group: Text) -> Attribute:
    return _field(key, Kind.CHOICE, group, choices=choices, shows=_shown_by(choices))


def _shown_by(choices: Callable[[], Sequence[Choice]]) -> Callable[[str], str]:
    def shown(text: str) -> str:
        return next((each.label for each in choices() if each.value == text), text)

    return shown


def _sizes() -> Sequence[Choice]:
    return [Choice(size, size) for size in SIZE_CLASSES]


def _brackets() -> Sequence[Choice]:
    def words(low: int, high: int | None) -> str:
        return f"{low}+" if high is None else str(low) if low == high else f"{low}\u2013{high}"

    return [Choice(code, words(*bounds)) for code, bounds in BRACKETS.items() if code != "NN"]


def _segments() -> Sequence[Choice]:
    return [Choice(segment.value, str(segment.label)) for segment in Segment]


def _lists() -> Sequence[Choice]:
    return [Choice(str(each.pk), each.name, str(Segment(each.segment).label)) for each in lists.existing()]


def _yes_no() -> Sequence[Choice]:
    return [Choice("yes", str(_("Oui"))), Choice("no", str(_("Non")))]


def _ids_of_segment(text: str) -> Sequence[int]:
    segment = lists.find_segment(text)
    return [*lists.existing().filter(segment=segment).values_list("pk", flat=True)]


def _id_of_list(text: str) -> Sequence[int]:
    """A list by its number, or by its name."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        if lists.existing().filter(pk=int(text)).exists():
            return (int(text),)
        raise NotFound(say("Cette liste n'existe pas, ou elle a été supprimée."))
    return (lists.find(text).pk,)


def _list_name(text: str) -> str:
    return List.objects.values_list("name", flat=True).get(pk=_id_of_list(text)[0])


def _yes(text: str) -> bool:
    return bool(custom_fields.reader("yes-no")(text).value)


def _ids_of_locked(text: str) -> Sequence[int]:
    return [*lists.existing().filter(locked=_yes(text)).values_list("pk", flat=True)]


def _yes_or_no(key: str, label: Text, place: Place, read: Callable[[str], Sequence[Any]] | None = None) -> Attribute:
    """A question with two answers; without ``read``, whether the place has a value at all."""
    return Attribute(
        key, label, Kind.YES_NO, place, SORTED, read or (lambda text: (_yes(text),)),
        lambda text: "yes" if _yes(text) else "no", choices=_yes_no, shows=_shown_by(_yes_no),
    )  # fmt: skip


def _of_list(key: str, label: Text, place: Place) -> Attribute:
    return Attribute(
        key, label, Kind.CHOICE, place, SORTED, _id_of_list, lambda text: str(_id_of_list(text)[0]),
        choices=_lists, shows=_list_name,
    )  # fmt: skip


def _claims(**only: Any) -> Rows:
    return Rows(Claim, "list", {"withdrawn_by": None} | only)


def _day(key: str, label: Text, place: Column) -> Attribute:
    def read(text: str) -> Sequence[date]:
        return (read_date(text).value,)

    return Attribute(key, label, Kind.DATE, place, KNOWN, read, lambda text: read(text)[0].isoformat())


def status_of(subject: Subject, place: Place | None = None, **renamed: Any) -> Attribute:
    """The users' own status."""

    def choices() -> Sequence[Choice]:
        return [Choice(str(each.pk), each.name) for each in statuses.statuses_of(subject)]

    return Attribute(
        renamed.get("key", "status"), renamed.get("label", _("Statut")), Kind.CHOICE,
        place or Column("status", model=subject.model), SORTED, lambda text: (statuses.find(text, subject).pk,),
        lambda text: str(statuses.find(text, subject).pk), choices=choices, shows=_shown_by(choices),
    )  # fmt: skip


def tags_of(subject: Subject) -> tuple[Attribute, ...]:
    """The tags, and those that a rule put."""

    def choices() -> Sequence[Choice]:
        return [Choice(str(each.pk), each.name, each.category.name) for each in tags.every_tag()]

    def tag(key: str, label: Text, **only: Any) -> Attribute:
        return Attribute(
            key, label, Kind.CHOICE, Rows(subject.tags, "tag", only, subject=subject.key), SORTED,
            lambda text: (tags.find(text).pk,), lambda text: str(tags.find(text).pk), choices=choices,
            shows=_shown_by(choices),
        )  # fmt: skip

    return tag("tag", _("Tag")), tag("tag_rule", _("Tag posé par une règle"), by=Tagged.By.RULE)


_IDENTIFIERS = tuple(
    _field(key, Kind.CODE, IDENTIFIERS, Rows(CompanyIdentifier, "value", {"type": key}))
    for key in ("siret", "vat", "neq", "lei")
)

BUILT_IN: tuple[Attribute, ...] = (
    _name("name", _("Nom, quel qu'il soit")),
    _name("usual_name", LABELS["usual_name"], "usual"),
    _name("acronym", LABELS["acronym"], "acronym"),
    _name("brand", LABELS["brand"], "brand"),
    _name("former_name", LABELS["former_name"], "former"),
    Attribute("segment", _("Segment"), Kind.CHOICE, Column("list"), SORTED, _ids_of_segment,
              lambda text: str(lists.find_segment(text)), choices=_segments, shows=_shown_by(_segments)),
    _of_list("list", _("Liste"), Column("list")),
    _yes_or_no("locked", _("Liste verrouillée"), Column("list"), _ids_of_locked),
    _yes_or_no("pinned", _("Épinglée"), _claims(kind=ClaimKind.HAND)),
    _of_list("claim", _("Réclamée par la liste"), _claims()),
    _of_list("claim_hand", _("Réclamée à la main par la liste"), _claims(kind=ClaimKind.HAND)),
    _of_list("claim_crm", _("Réclamée par un CRM pour la liste"), _claims(kind=ClaimKind.CRM)),
    _of_list("claim_import", _("Réclamée par un import de la liste"), _claims(kind=ClaimKind.IMPORT)),
    _of_list("claim_rule", _("Réclamée par une règle pour la liste"), _claims(kind=ClaimKind.RULE)),
    _field("siren", Kind.CODE, IDENTIFIERS),
    *_IDENTIFIERS,
    _field("parent_siren", Kind.CODE, IDENTIFIERS),
    _domain("website", "website"),
    _domain("email_domain", "email"),
    _field("naf", Kind.CODE, ACTIVITY, part=_naf_start),
    _field("naf_2025", Kind.CODE, ACTIVITY, part=_naf_start),
    _field("naics", Kind.CODE, ACTIVITY),
    _field("legal_category", Kind.CODE, ACTIVITY),
    _field("headcount", Kind.NUMBER, ACTIVITY, Headcount("headcount")),
    _choice("headcount_bracket", _brackets, ACTIVITY),
    _field("revenue", Kind.NUMBER, ACTIVITY),
    _choice("size_class", _sizes, ACTIVITY),
    _field("founded", Kind.DATE, ACTIVITY),
    _place("city"),
    _field("postal_code", Kind.CODE, WHERE),
    _field("department", Kind.CODE, WHERE),
    _place("region"),
    _field("country", Kind.CODE, WHERE),
    _place("address"),
    status_of(COMPANY),
    *tags_of(COMPANY),
    _day("first_seen", LABELS["first_seen"], Column("first_seen")),
    _day("updated", _("Modifiée"), Instants("updated_at")),
)  # fmt: skip
BY_NAME: Mapping[str, Attribute] = {each.key: each for each in BUILT_IN}
PREFIX = "own."
"""In front of the key of a user's own field, which may be called like anything else."""


def own(field: CustomField) -> Attribute:
    """A user's own field."""
    reader = custom_fields.reader(field.type, field.choices)
    kind = {"text": Kind.TEXT, "number": Kind.NUMBER, "date": Kind.DATE}.get(field.type, Kind.CHOICE)
    place = Rows(CompanyValue, "number" if kind is Kind.NUMBER else "text", {"field": field.key})

    def write(text: str) -> str:
        return custom_fields.shown_value(reader(text).value)

    def read(text: str) -> Sequence[Any]:
        return (reader(text).value if kind is Kind.NUMBER else fold(write(text)),)

    def choices() -> Sequence[Choice]:
        words = ("oui", "non") if field.type == "yes-no" else field.choices
        labels = (str(_("Oui")), str(_("Non"))) if field.type == "yes-no" else field.choices
        return [Choice(word, label) for word, label in zip(words, labels, strict=True)]

    return Attribute(PREFIX + field.key, field.label, kind, place, OWN, read, write, choices=choices,
                     shows=_shown_by(choices))  # fmt: skip


def attributes() -> Iterable[Attribute]:
    """All of them: the built-in ones, then the users' own."""
    return (*BUILT_IN, *(own(field) for field in fields_of()))


def find(key: str) -> Attribute:
    """The attribute of this key. Raises :class:`~tamis.errors.NotFound` with the nearest one."""
    if key in BY_NAME:
        return BY_NAME[key]
    if key.startswith(PREFIX) and (field := fields_of().filter(key=key.removeprefix(PREFIX)).first()):
        return own(field)
    keys = [each.key for each in attributes()]
    raise NotFound(
        say("La table n'a pas de filtre « {field} ».{hint}", field=key[:60], hint=did_you_mean(key, keys)),
        "filter.unknown",
    )


def suggests(attribute: Attribute) -> bool:
    """Whether values of it that the base holds can be proposed."""
    return hasattr(attribute.place, "seen") and attribute.kind in (Kind.TEXT, Kind.CODE)


def seen(attribute: Attribute, text: str, most: int) -> list[str]:
    """A few values seen in the base that begin as somebody types."""
    start, found = attribute.part(text), list[str]()
    if suggests(attribute):
        for each in dict.fromkeys((start, start.replace(" ", "-"))):
            found += attribute.place.seen(each, most - len(found))  # type: ignore[attr-defined]
    return found


def read(attribute: Attribute, reader: Callable[[str], Any], text: str) -> Any:
    """What a reader of the attribute makes of a text. Raises :class:`~tamis.errors.Refused` with the reason."""
    try:
        return reader(text)
    except BadValue as error:
        raise Refused(
            say("{field} : {reason}.", field=str(attribute.label), reason=error.reason), "filter.value"
        ) from error
