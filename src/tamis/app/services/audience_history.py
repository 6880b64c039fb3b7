"""What is known of audiences beside their members: how fresh each is, what its refreshes did, what it was before.

Freshness is never guessed: it is the instant of the last refresh that was done and looked at everybody who could have
changed, and, when it is not what it should be, since when and why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from tamis.app.models import Audience, AudienceRun, AudienceVersion
from tamis.app.services.audience_members import rule_of
from tamis.app.services.audiences import exclusions_of, with_sizes
from tamis.messages import Message, say, say_many

if TYPE_CHECKING:
    from tamis.app.services.refreshing import Refreshed

State, Way = AudienceRun.State, AudienceRun.Way
LATE = timedelta(minutes=5)
"""So long after it was due, a refresh is late."""
PAST = timedelta(hours=1)
"""An instant so long before the refresh was none of its own: many audiences in one pass take their time."""


class Standing(StrEnum):
    """How fresh an audience is."""

    NEVER = "never"  # no refresh was done yet
    FRESH = "fresh"
    CHANGED = "changed"  # another version came since
    LATE = "late"  # due, and not done
    HELD = "held"  # waits for a person
    FAILED = "failed"


@dataclass(frozen=True)
class Freshness:
    """An audience, the last refresh of it that was done, the last that ended, and how many members it has."""

    audience: Audience
    version: AudienceVersion
    done: AudienceRun | None
    last: AudienceRun | None
    size: int
    trouble: AudienceRun | None = None  # the first that was held, or failed, since the last that was done

    @property
    def standing(self) -> Standing:
        """How fresh it is; of several things that are not as they should be, the one to be seen to first."""
        if self.last and self.last.state == State.FAILED:
            return Standing.FAILED
        if self.last and self.last.state == State.HELD:
            return Standing.HELD
        if self.done is None:
            return Standing.NEVER
        if self.version.pk != self.done.version_id:
            return Standing.CHANGED
        return Standing.LATE if self._late else Standing.FRESH

    @property
    def _late(self) -> bool:
        due = self.audience.next_at
        return due is not None and due < timezone.now() - LATE

    @property
    def past(self) -> bool:
        """Whether it was last refreshed as of an instant that was past by then: it is right of that, not of today."""
        done = self.done
        return bool(done and done.now and done.started_at and done.now < done.started_at - PAST)

    @property
    def as_of(self) -> datetime | None:
        """The instant as of which the members are right."""
        return self.done.now if self.done else None

    @property
    def since(self) -> datetime | None:
        """Since when it is not as it should be."""
        match self.standing:
            case Standing.FAILED | Standing.HELD:
                return self.trouble.started_at if self.trouble else None
            case Standing.CHANGED:
                return self.version.at
            case Standing.LATE:
                return self.audience.next_at
        return None

    @property
    def why(self) -> Message | None:
        """Why it is not as it should be, as a sentence."""
        match self.standing:
            case Standing.FAILED:
                return self.last.error if self.last else None
            case Standing.HELD:
                return _held(self.last) if self.last else None
            case Standing.NEVER:
                return say("Aucun rafraîchissement ne l'a remplie : « tamis audiences refresh » le fait.")
            case Standing.CHANGED:
                return say("Sa définition a changé depuis : le prochain rafraîchissement en tiendra compte.")
            case Standing.LATE:
                return say("Son rafraîchissement est dû, et personne ne l'a fait : « tamis worker » est-il lancé ?")
        return None

    @property
    def said(self) -> str:
        """Why, in one line: a mistake in a rule shows its place on those below."""
        return str(self.why or "").partition("\n")[0]

    def as_json(self) -> dict[str, Any]:
        """For programs, in the language of the moment."""
        return {
            "state": self.standing.value, "as_of": utc(self.as_of), "past": self.past, "since": utc(self.since),
            "why": self.said or None, "next": utc(self.audience.next_at),
        }  # fmt: skip


def _held(run: AudienceRun) -> Message:
    return say_many(
        "{n} membre sur {held} sortirait, plus que la part permise : confirmez-le, ou changez la règle.",
        "{n} membres sur {held} sortiraient, plus que la part permise : confirmez-le, ou changez la règle.",
        n=run.left, held=run.size_after,
    )  # fmt: skip


def freshness(audiences: "QuerySet[Audience]") -> list[Freshness]:
    """How fresh some audiences are, in their order; a few questions however many they are."""
    runs = AudienceRun.objects.filter(audience=OuterRef("pk")).order_by("-pk")
    ended = runs.filter(state__in=[State.DONE, State.HELD, State.FAILED]).exclude(way=Way.HAND)
    found = [*with_sizes(audiences).annotate(
        last_run=Subquery(ended.values("pk")[:1]),
        done_run=Subquery(ended.filter(state=State.DONE).values("pk")[:1]),
        latest=Subquery(AudienceVersion.objects.filter(audience=OuterRef("pk")).order_by("-number").values("pk")[:1]),
    )]  # fmt: skip
    known = AudienceRun.objects.select_related("version").in_bulk({each.done_run for each in found} - {None})
    known |= AudienceRun.objects.select_related("version").in_bulk({each.last_run for each in found} - {None, *known})
    versions = AudienceVersion.objects.select_related("act").in_bulk([each.latest for each in found])
    return [
        Freshness(
            each, versions[each.latest], known.get(each.done_run), known.get(each.last_run), each.sized or 0,
            _trouble(each, each.done_run, known.get(each.last_run)),
        )
        for each in found
    ]  # fmt: skip


def freshness_of(audience: Audience) -> Freshness:
    """How fresh one audience is."""
    return freshness(Audience.objects.filter(pk=audience.pk))[0]


def _trouble(audience: Audience, done: int | None, last: AudienceRun | None) -> AudienceRun | None:
    """The first refresh since the last one done; only where the last one was not."""
    if last is None or last.state == State.DONE:
        return None
    troubled = audience.runs.filter(state__in=[State.HELD, State.FAILED], pk__gt=done or 0).exclude(way=Way.HAND)
    return troubled.order_by("pk").first()


def runs(audience: Audience) -> "QuerySet[AudienceRun]":
    """The refreshes of an audience, the last first."""
    return audience.runs.select_related("version", "audience").order_by("-pk")


def run_json(run: AudienceRun) -> dict[str, Any]:
    """What a refresh did, for programs, in the language of the moment."""
    return {
        "audience": run.audience.name, "run": run.pk, "state": run.state, "entered": run.entered, "left": run.left,
        "size": run.size_after, "now": utc(run.now), "started_at": utc(run.started_at), "ended_at": utc(run.ended_at),
        "milliseconds": milliseconds(run), "way": run.way, "why": str(run.why) if run.why else None,
        "looked_at": run.looked_at, "version": run.version.number, "by": run.by, "via": run.via,
        "confirmed_by": run.confirmed_by or None, "error": _error(run),
    }  # fmt: skip


def outcome_json(outcome: "Refreshed") -> dict[str, Any]:
    """What came of refreshing one audience, for programs: its run, or who was at it already."""
    if outcome.run is not None:
        return run_json(outcome.run)
    assert outcome.busy is not None
    nothing = dict.fromkeys(
        ("run", "now", "started_at", "ended_at", "milliseconds", "way", "why", "looked_at", "version", "by", "via",
         "confirmed_by")
    )  # fmt: skip
    return {
        "audience": outcome.audience.name, "state": "busy", "entered": 0, "left": 0,
        "size": freshness_of(outcome.audience).size, **nothing,
        "error": {"code": outcome.busy.code, "message": str(outcome.busy)},
    }  # fmt: skip


def milliseconds(run: AudienceRun) -> float:
    """How long a refresh took."""
    return round((run.ended_at - run.started_at).total_seconds() * 1000, 1)


def _error(run: AudienceRun) -> dict[str, str] | None:
    if run.state == State.HELD:
        return {"code": "audience.held", "message": str(_held(run))}
    return {"code": run.error_stored["code"], "message": str(run.error)} if run.error_stored else None


def versions(audience: Audience) -> list[AudienceVersion]:
    """What an audience is and was, the last first."""
    return [*audience.versions.select_related("act").order_by("-number")]


def version_json(version: AudienceVersion) -> dict[str, Any]:
    """What was in force, for programs."""
    return {
        "version": version.number, "rule": rule_of(version), "mode": version.mode,
        "exclusions": names(exclusions_of(version)), "at": utc(version.at), "by": version.act.by,
    }  # fmt: skip


def names(audiences: Iterable[Audience]) -> list[str]:
    """What audiences are called."""
    return [each.name for each in audiences]


def utc(moment: datetime | None) -> datetime | None:
    """An instant as programs are told it."""
    return moment.astimezone(UTC) if moment else None
