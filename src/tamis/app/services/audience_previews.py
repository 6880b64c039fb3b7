"""What a refresh would do, without doing it [F3]: who would enter and leave, what that sets off, whether it is held.

A preview asks what a refresh asks, with the members that other audiences have now. Nothing is written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from tamis.app.models import Audience
from tamis.app.services import audience_actions, audience_graph, audiences, engine_tables, refreshing, rules
from tamis.app.services.acting import Actor
from tamis.app.services.audience_members import who
from tamis.app.services.audience_wanted import Deciding, deciding_of, made_ready
from tamis.app.services.audiences import Definition
from tamis.app.services.subjects import SUBJECTS
from tamis.rules.nodes import singular

if TYPE_CHECKING:
    import pyarrow as pa

    from tamis.audiences.comparing import Compared
    from tamis.audiences.overlap import Overlap
    from tamis.rules.nodes import Subject

EXAMPLES = 20
"""So many of those who would enter, and who would leave, are named."""
COMPARED = 100
"""The overlap is looked for among the largest of the other audiences, so many."""


@dataclass(frozen=True)
class Preview:
    """What a refresh would do; without ``audience``, the first one of a new audience."""

    audience: Audience | None
    subject: str
    now: datetime
    as_of: datetime
    before: int
    entered: int
    left: int
    entering: Sequence[dict[str, Any]]
    leaving: Sequence[dict[str, Any]]
    overlaps: "Sequence[tuple[Audience, Overlap]]"
    effects: Sequence[dict[str, Any]]
    share: int | None
    held: bool

    @property
    def size(self) -> int:
        """How many would be in."""
        return self.before + self.entered - self.left

    def as_json(self) -> dict[str, Any]:
        """For programs, in the language of the moment."""
        return {
            "audience": self.audience.name if self.audience else None, "subject": self.subject, "now": self.now,
            "as_of": self.as_of, "before": self.before, "entered": self.entered, "left": self.left, "size": self.size,
            "entering": self.entering, "leaving": self.leaving, "most_leaving": self.share, "held": self.held,
            "overlaps": [
                {"audience": other.name, "both": each.both, "here": each.here, "there": each.there}
                for other, each in self.overlaps
            ],
            "actions": self.effects,
        }  # fmt: skip


def preview(
    definition: Definition, audience: Audience | None = None, now: datetime | None = None, *,
    most_leaving: int | None = None,
) -> Preview:  # fmt: skip
    """What refreshing would do with this definition and breaker, of a new audience or of one there is.

    Raises :class:`~tamis.rules.errors.RuleError` for a rule that cannot be asked, ``Refused`` for one of another
    kind, or of which the audience would hang on itself.
    """
    question = rules.ask(definition.rule)
    audiences.refuse_unlike(audience, question.subject, definition.exclusions)
    exclusions = [each.pk for each in definition.exclusions]
    if audience:
        audience_graph.refuse_cycles(audience, audience_graph.Draft(audience.pk, question.rule, exclusions))
    deciding = deciding_of(audience, question.rule, definition.mode, exclusions)
    return _previewed(audience, deciding, now or timezone.now(), engine_tables.current(), most_leaving)


def preview_refresh(wanted: Iterable[Audience], now: datetime | None = None) -> list[Preview]:
    """What refreshing some audiences would do, each as if those that it needs stayed as they are.

    Raises :class:`~tamis.rules.errors.RuleError` for a rule that cannot be asked any more.
    """
    now, asked = now or timezone.now(), engine_tables.current()
    versions = [(each, each.version) for each in audience_graph.in_order(wanted)]
    return [
        _previewed(each, deciding_of(each, version.read, version.mode, version.exclusions), now, asked,
                   each.most_leaving)
        for each, version in versions
    ]  # fmt: skip


def taken_away(audience: Audience) -> list[tuple[Audience, int]]:
    """Each exclusion of an audience, and how many would be members without it alone.

    Raises :class:`~tamis.rules.errors.RuleError` for a rule that cannot be asked any more.
    """
    version, now = audience.version, timezone.now()
    asked = engine_tables.current()
    size = _size(audience, version.exclusions, now, asked)
    return [
        (each, _size(audience, [other for other in version.exclusions if other != each.pk], now, asked) - size)
        for each in audiences.exclusions_of(version)
    ]


def _size(audience: Audience, exclusions: Sequence[int], now: datetime, asked: engine_tables.Asked) -> int:
    """How many would be members after a refresh with these exclusions."""
    version = audience.version
    return _compared(deciding_of(audience, version.read, version.mode, exclusions), now, asked).size


def _compared(deciding: Deciding, now: datetime, asked: engine_tables.Asked) -> "Compared":
    """Who would enter and leave."""
    from tamis.audiences.comparing import compare, tables_for
    from tamis.engines.duckdb import DuckDb

    wanted, needed = made_ready(deciding, now)
    tables = engine_tables.with_members(asked, {deciding.audience, *needed}).tables
    with DuckDb(tables_for(wanted, tables)) as engine:
        return compare(engine, wanted)


def rehearse(
    actor: Actor, definition: Definition | None, audience: Audience | None = None, name: str | None = None,
    **settings: Any,
) -> None:  # fmt: skip
    """Refuse what saving would refuse (a name taken, a cycle), and leave nothing behind. Raises ``Refused``.

    One that has no name yet is no mistake: the name may be the last thing that somebody thinks of.
    """
    with transaction.atomic():
        if audience is None and definition is not None:
            audiences.create(actor, name or f"x{uuid4().hex}", definition, **settings)
        elif audience is not None:
            audiences.edit(actor, audience, name=name, definition=definition, **settings)
        transaction.set_rollback(True)


def _previewed(audience: Audience | None, deciding: Deciding, now: datetime, asked: engine_tables.Asked,
               share: int | None) -> Preview:  # fmt: skip
    compared, subject = _compared(deciding, now, asked), deciding.rule.subject
    return Preview(
        audience, subject, now, asked.as_of, compared.before, compared.entered, compared.left,
        _examples(subject, compared.edges, True), _examples(subject, compared.edges, False),
        _overlaps(deciding.audience, subject, compared), _foreseen(audience, compared.entered, compared.left),
        share, refreshing.exceeds(share, compared),
    )  # fmt: skip


def _examples(subject: "Subject", edges: "pa.Table", entered: bool) -> list[dict[str, Any]]:
    import pyarrow.compute as pc

    some = edges.filter(pc.field("entered") == entered).column("subject")[:EXAMPLES].to_pylist()
    known = who(SUBJECTS[singular(subject)], some)
    return [known[each] for each in some if each in known]


def _overlaps(audience: int, subject: str, compared: "Compared") -> "list[tuple[Audience, Overlap]]":
    """What it would have in common with the largest other audiences of its kind."""
    from tamis.audiences.overlap import overlaps, tables_for
    from tamis.engines.duckdb import DuckDb

    others = _largest(audience, subject)
    asked = engine_tables.members_of({audience, *others})
    with DuckDb(tables_for(compared.edges, asked)) as engine:
        found = overlaps(engine, audience, compared.size)
    return [(others[each.other], each) for each in found]


def _largest(audience: int, subject: str) -> dict[int, Audience]:
    rows = audiences.with_sizes(Audience.objects.filter(subject=subject).exclude(pk=audience))
    return {each.pk: each for each in rows.filter(sized__gt=0).order_by("-sized", "pk")[:COMPARED]}


def _foreseen(audience: Audience | None, entered: int, left: int) -> list[dict[str, Any]]:
    """How often each action would fire on which edge, and what that comes to."""
    actions = audience_actions.of(audience) if audience else []
    return [
        {"id": each.action.pk, "edge": each.edge, "kind": each.action.kind, "times": each.times,
         "sentence": str(each.sentence)}
        for each in audience_actions.foresee(actions, entered, left)
    ]  # fmt: skip
