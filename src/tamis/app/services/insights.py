"""What all insights share: which audiences are asked about, as of when each is, and how the engine is asked."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from tamis.app.models import Audience
from tamis.app.services import audiences, engine_tables
from tamis.app.services.audience_history import Freshness
from tamis.errors import Refused, Unreadable
from tamis.messages import say

if TYPE_CHECKING:
    from tamis.engines.contract import Engine
    from tamis.rules.nodes import Subject

T = TypeVar("T")


def shown(fresh: Freshness) -> dict[str, Any]:
    """An audience and as of when its members are, for programs, in the language of the moment."""
    return {"id": fresh.audience.pk, "name": fresh.audience.name, "freshness": fresh.as_json()}


def named(words: Sequence[str]) -> list[Audience]:
    """The audiences of these names or numbers, each once. Raises :class:`~tamis.errors.NotFound`."""
    found = {each.pk: each for each in map(audiences.find, words)}
    return [*found.values()]


def subject_of(chosen: Sequence[Audience]) -> "Subject":
    """What all of these audiences hold. Raises :class:`~tamis.errors.Refused` when some hold something else."""
    first = chosen[0]
    if other := next((each for each in chosen if each.subject != first.subject), None):
        raise Refused(
            say("« {one} » contient des {these}, « {other} » des {those} : choisissez des audiences de même nature.",
                one=first.name, these=first.get_subject_display(), other=other.name,
                those=other.get_subject_display()),
            "insight.subject",
        )  # fmt: skip
    return "companies" if first.subject == Audience.Subject.COMPANIES else "contacts"


def asked(chosen: Collection[Audience], told: "Callable[[Engine], T]") -> tuple[T, datetime]:
    """What an engine tells of these audiences, and as of when. Files that were erased meanwhile are looked for again.

    Raises :class:`~tamis.errors.Busy`, ``Unreadable``.
    """
    from tamis.engines.duckdb import DuckDb

    for last in (False, True):
        found = engine_tables.current({each.pk for each in chosen})
        try:
            with DuckDb(found.tables) as engine:
                return told(engine), found.as_of
        except Unreadable:
            if last:
                raise
    raise AssertionError
