"""Which events arrived in a span of time, and whom each is about: what a bar of the operators' page counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tamis.app.models import Company, Contact
from tamis.app.services import event_kinds, lake
from tamis.app.services.timelines import people_of
from tamis.messages import Message

if TYPE_CHECKING:
    from tamis.lake.arrivals import Arrived


@dataclass(frozen=True)
class Arrival:
    """An event: when it arrived, what it is and when it happened, whom it names, and who that is if one is known."""

    received: datetime
    at: datetime
    kind: Message | str
    named: str
    contact: Contact | None
    company: Company | None


@dataclass(frozen=True)
class Arrivals:
    """How many there are, some of them, and where the next page begins."""

    count: int
    rows: Sequence[Arrival]
    next: "Arrived | None"


def arrivals(
    since: datetime, until: datetime, kind: str = "", after: "Arrived | None" = None, most: int = 50
) -> Arrivals:
    """Those that arrived from one moment on and before another. Raises :class:`~tamis.errors.Unreadable`."""
    from tamis.lake.arrivals import Arrived, arrived, counted

    bounds = since.astimezone(UTC), until.astimezone(UTC)
    with lake.readable():
        view = lake.view()
        count, rows = counted(view, *bounds, kind), arrived(view, *bounds, kind, after, most + 1)
    shown = rows[:most]
    end = Arrived(shown[-1]["received"], shown[-1]["id"]) if len(rows) > most else None
    return Arrivals(count, _told(shown), end)


def _told(rows: Sequence[Mapping[str, Any]]) -> list[Arrival]:
    known, contact_of = event_kinds.kinds(), people_of(rows)
    sirens = {row["company_siren"] for row in rows if "company_siren" in row}
    companies = {each.siren: each for each in Company.objects.filter(siren__in=sirens, merged_into=None)}
    return [
        Arrival(
            row["received"], row["ts"], known[row["kind"]].label if row["kind"] in known else row["kind"], _named(row),
            contact_of(row), companies.get(row.get("company_siren")),
        )
        for row in rows
    ]  # fmt: skip


def _named(row: Mapping[str, Any]) -> str:
    """Whom an event names, as it arrived: the first of its keys that names somebody, else the visitor."""
    keys = ("contact_email", "contact_id", "company_siren", "company_domain", "company_id", "visitor")
    return next((str(row[key]) for key in keys if key in row), "")
