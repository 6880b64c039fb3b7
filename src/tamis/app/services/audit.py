"""The audit trail, read: filtered, a page at a time, at the same cost on its last page as on its first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tamis.app.models import Act, Move
from tamis.app.services.days import midnight
from tamis.errors import Refused
from tamis.messages import Message, say

PAGE = 50
ABOUT_PEOPLE = (
    Act.Kind.SETTINGS_CHANGED, Act.Kind.USER_CHANGED, Act.Kind.USER_SIGNED_IN, Act.Kind.USER_REFUSED,
)  # fmt: skip
"""What only admins see: who signed in from where, and what was changed of accounts and settings."""

VIAS: Mapping[str, Message] = {
    "page": say("page"), "cli": say("ligne de commande"), "api": say("API"), "import": say("import"),
    "oidc": say("OIDC"),
}  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """What somebody asks of the trail: texts as typed, empty where nothing is asked."""

    kind: str = ""
    by: str = ""
    via: str = ""
    list: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Filters":
        """The filters among the parameters of an address."""
        return cls(**{each.name: str(given.get(each.name, "")).strip()[:150] for each in fields(cls)})

    def asked(self) -> dict[str, str]:
        """What is asked: the parameters of a short address."""
        return {each.name: text for each in fields(self) if (text := getattr(self, each.name))}


def acts(filters: Filters, *, everything: bool) -> QuerySet[Act]:
    """The acts that the filters let through, the latest first; without those about people unless ``everything``.

    Raises :class:`~tamis.errors.Refused` for a day that cannot be read.
    """
    found = Act.objects.select_related("list", "undone_by").order_by("-at", "-pk")
    if not everything:
        found = found.exclude(kind__in=ABOUT_PEOPLE)
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.by:
        found = found.filter(by=filters.by)
    if filters.via:
        found = found.filter(via=filters.via)
    if filters.list:
        found = found.filter(list=int(filters.list) if filters.list.isascii() and filters.list.isdigit() else 0)
    if filters.since:
        found = found.filter(at__gte=midnight(_day(filters.since)))
    if filters.until:
        found = found.filter(at__lt=midnight(_day(filters.until) + timedelta(days=1)))
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(say("« {text} » n'est pas une date : écrivez 2026-03-31.", text=text), "filter.date") from None


@dataclass(frozen=True)
class Page:
    """A page of the trail, and the number of its last act where there is more."""

    acts: Sequence[Act]
    next: int | None


def page(found: QuerySet[Act], before: int = 0, size: int = PAGE) -> Page:
    """The acts older than an act, or the latest; each knows whether it moved companies, as ``moved``."""
    if last := Act.objects.filter(pk=before).first():
        found = found.filter(at__lte=last.at).filter(Q(at__lt=last.at) | Q(pk__lt=last.pk))
    found = found.annotate(moved=Exists(Move.objects.filter(act=OuterRef("pk"))))
    rows = [*found[: size + 1]]
    return Page(rows[:size], rows[size - 1].pk if len(rows) > size else None)


def rows(found: QuerySet[Act]) -> Iterator[list[object]]:
    """The acts as rows of a file, under :func:`headings`."""
    for act in found.iterator(chunk_size=1000):
        at = timezone.localtime(act.at).isoformat(timespec="seconds")
        yield [
            act.pk, at, act.by, str(VIAS.get(act.via, act.via)), act.kind, str(act.note or act.get_kind_display()),
            act.list.name if act.list else "",
        ]  # fmt: skip


def headings() -> list[str]:
    """The headings of an exported trail."""
    return [str(each) for each in (
        say("Numéro"), say("Quand"), say("Qui"), say("Comment"), say("Acte"), say("Quoi"), say("Liste"),
    )]  # fmt: skip


def as_json(act: Act) -> dict[str, Any]:
    """An act as the command line and the API show it."""
    undo = getattr(act, "undone_by", None)
    return {
        "id": act.pk, "at": act.at, "kind": act.kind, "what": act.note or str(act.get_kind_display()), "by": act.by,
        "via": act.via, "list": act.list.name if act.list else None, "undone_by": undo.pk if undo else None,
    }  # fmt: skip


def all_moves_of(act: Act) -> QuerySet[Move]:
    """The moves that an act made, in order."""
    moves = Move.objects.filter(act=act).order_by("pk")
    return moves.select_related("company", "from_list", "to_list", "act", "claim__line__version", "claim__made_by")


def moves_of(act: Act, after: int = 0, size: int = PAGE) -> tuple[list[Move], int | None]:
    """Moves that an act made, from one on, and where the next page starts."""
    found = [*all_moves_of(act).filter(pk__gt=after)[: size + 1]]
    return found[:size], found[size - 1].pk if len(found) > size else None
