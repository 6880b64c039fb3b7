"""Who is in an audience, who was as of any instant [F2], and who came and went between two instants.

    instant → the run that counts (decision 032) → its version, and the members after it → who they are, some at a time

Members may be half a million: what is kept of each is sixteen bytes, names are read a thousand at a time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tamis.app.models import Audience, AudienceRun, AudienceVersion, Company, Contact
from tamis.app.services import engine_tables
from tamis.app.services.audience_holds import subject_of
from tamis.app.services.subjects import COMPANY, Subject
from tamis.errors import Refused
from tamis.messages import say

if TYPE_CHECKING:
    import pyarrow as pa

    from tamis.audiences.members import History

CHUNK = 1_000
"""Members whose names are read at once."""
Page = tuple[list[dict[str, Any]], int | None]
"""Rows, and the number beyond which the next page has them; ``None`` on the last."""


def run_as_of(audience: Audience, instant: datetime | None = None) -> AudienceRun | None:
    """The run after which members were as they were at an instant, or are now; ``None`` before the first.

    Of the runs whose instant is not later it is the one with the latest instant, of several the last.
    """
    done = audience.runs.filter(state=AudienceRun.State.DONE).select_related("version")
    if instant is None:
        return done.order_by("-pk").first()
    return done.filter(now__lte=instant).order_by("-now", "-pk").first()


def size_of(audience: Audience) -> int:
    """How many members it has."""
    done = run_as_of(audience)
    return done.size if done else 0


@dataclass(frozen=True)
class Members:
    """The members of an audience after a run, or nobody where there is none."""

    audience: Audience
    run: AudienceRun | None

    @cached_property
    def table(self) -> "pa.Table":
        """``subject`` and ``since``, in the order of subjects."""
        return _history(self.audience).members(self.run.pk if self.run else 0)

    def page(self, beyond: int, most: int) -> Page:
        """Members whose number is ``beyond`` one, at most so many, and where the next page begins."""
        table = _history(self.audience).members(self.run.pk if self.run else 0, beyond=beyond, most=most + 1)
        return _page(subject_of(self.audience), table, most)

    def rows(self, most: int | None = None) -> Iterator[dict[str, Any]]:
        """Who they are: number, name, e-mail or SIREN, entered; those who exist no more are left out."""
        return _told(subject_of(self.audience), self.table if most is None else self.table[:most])

    def cells(self) -> Iterator[list[Any]]:
        """The same as rows of a file under :meth:`headings`; instants in the zone of the moment."""
        for row in self.rows():
            *who, entered = row.values()
            yield [*who, timezone.localtime(entered)]

    @property
    def headings(self) -> tuple[str, ...]:
        """What stands above :meth:`cells`; files with these headings can be imported again."""
        return ("id", "name", "siren" if subject_of(self.audience) is COMPANY else "email", "entered")

    def as_json(self) -> dict[str, Any]:
        """What has to be known of them all, for programs."""
        return self.placed() | {"count": len(self.table)}

    def placed(self) -> dict[str, Any]:
        """Of what, and as of when, they are the members; without counting them."""
        return {"audience": self.audience.name, "subject": self.audience.subject, **_placed(self.run)}


def members(audience: Audience, instant: datetime | None = None, *, run: int | None = None) -> Members:
    """The members now, or as of an instant; or after a ``run``, for those who read on."""
    if run is not None:
        return Members(audience, audience.runs.select_related("version").filter(pk=run).first())
    return Members(audience, run_as_of(audience, instant))


def since(audience: Audience, subjects: Sequence[int]) -> dict[int, datetime]:
    """Since when some are members, by their number; who is none is not there."""
    run, found = run_as_of(audience), dict[int, datetime]()
    if run is None:
        return found
    for edge in _history(audience).of(subjects).to_pylist():
        if edge["run"] <= run.pk:
            found.pop(edge["subject"], None)
            if edge["entered"]:
                found[edge["subject"]] = edge["instant"]
    return found


def let_in(audience: Audience, subjects: Sequence[int], run: int) -> dict[int, int]:
    """The number of the run that let some members in last, up to a run."""
    edges = _history(audience).of(subjects).to_pylist()
    return {edge["subject"]: edge["run"] for edge in edges if edge["entered"] and edge["run"] <= run}


@dataclass(frozen=True)
class Difference:
    """Who entered, left and stayed from after one run to after another; ``None`` is before the first."""

    audience: Audience
    older: AudienceRun | None
    newer: AudienceRun | None

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many entered, left and stayed."""
        return _history(self.audience).counted_between(*self.runs)

    def rows(self, what: str = "", most: int | None = None) -> Iterator[dict[str, Any]]:
        """Who they are and ``what`` became of them, in the order of their numbers; or only of one kind of these."""
        return _told(subject_of(self.audience), _history(self.audience).between(*self.runs, what, most=most))

    def changed(self, most: int) -> list[dict[str, Any]]:
        """Who entered, then who left, at most so many of each: those who stayed would hide them."""
        return [*self.rows("entered", most), *self.rows("left", most)]

    def page(self, what: str, beyond: int, most: int) -> Page:
        """Those whose number is ``beyond`` one, at most so many, and where the next page begins."""
        table = _history(self.audience).between(*self.runs, what, beyond=beyond, most=most + 1)
        return _page(subject_of(self.audience), table, most)

    @property
    def runs(self) -> tuple[int, int]:
        """The numbers of both runs, 0 before the first."""
        return self.older.pk if self.older else 0, self.newer.pk if self.newer else 0

    def as_json(self) -> dict[str, Any]:
        """What has to be known of them all, for programs."""
        return {
            "audience": self.audience.name, "subject": self.audience.subject,
            "from": _placed(self.older), "to": _placed(self.newer), **self.counts,
        }  # fmt: skip


def difference(audience: Audience, start: datetime, end: datetime) -> Difference:
    """What changed from one instant to a later one. Raises :class:`~tamis.errors.Refused` for the reverse."""
    if start > end:
        raise Refused(say("Le premier instant est après le second : échangez-les."), "audience.instants")
    return Difference(audience, run_as_of(audience, start), run_as_of(audience, end))


def between(audience: Audience, older: int, newer: int) -> Difference:
    """What changed from after one run to after another, for those who read on."""
    known = audience.runs.select_related("version").in_bulk([older, newer])
    return Difference(audience, known.get(older), known.get(newer))


def find_who(audience: Audience, words: Sequence[str]) -> list[int]:
    """The numbers of companies (number, SIREN) or contacts (number, address, key). Raises ``NotFound``."""
    from tamis.app.services import companies, contacts

    finding: Callable[[str], Company | Contact]
    finding = companies.find if subject_of(audience) is COMPANY else contacts.find
    return [*dict.fromkeys(finding(word).pk for word in words)]


def rule_of(version: AudienceVersion) -> str:
    """The rule of a version, written canonically; nothing where it cannot be read any more."""
    from tamis.rules.rendering import render

    try:
        return render(version.read)
    except Refused:
        return ""


def _placed(run: AudienceRun | None) -> dict[str, Any]:
    """The run that members are told after, and the version that was in force."""
    if run is None:
        return {"as_of": None, "run": None, "version": None, "rule": None, "mode": None}
    return {
        "as_of": run.now.astimezone(UTC), "run": run.pk, "version": run.version.number, "rule": rule_of(run.version),
        "mode": run.version.mode,
    }  # fmt: skip


def _history(audience: Audience) -> "History":
    from tamis.audiences.members import History

    return History(engine_tables.members_folder(), audience.pk)


def _told(subject: Subject, table: "pa.Table") -> Iterator[dict[str, Any]]:
    """Who is in the rows of a table, each with what its other column says."""
    ids, said = table.columns
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK].to_pylist()
        known = who(subject, chunk)
        for id, value in zip(chunk, said[start : start + CHUNK].to_pylist(), strict=True):
            if id in known:
                yield {**known[id], **_said(value)}


def _said(value: datetime | str) -> dict[str, datetime | str]:
    """What the other column says: since when, whatever zone the engine tells it in, or what became of them."""
    return {"entered": value.astimezone(UTC)} if isinstance(value, datetime) else {"what": value}


def _page(subject: Subject, table: "pa.Table", most: int) -> Page:
    shown = table[:most]
    return [*_told(subject, shown)], shown.column("subject")[-1].as_py() if len(table) > most else None


def who(subject: Subject, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Number, name, and SIREN or e-mail, of those of these numbers that exist."""
    if subject is COMPANY:
        rows = Company.objects.filter(pk__in=ids).values_list("pk", "name", "siren")
        return {pk: {"id": pk, "name": name, "siren": siren} for pk, name, siren in rows}
    contacts = Contact.objects.filter(pk__in=ids).only("first_name", "last_name", "email", "external_key")
    return {each.pk: {"id": each.pk, "name": each.name, "email": each.email or None} for each in contacts}
