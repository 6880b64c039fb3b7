"""What decides who is in an audience, made ready for the engine: its rule compiled, its exclusions, its hands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tamis.app.models import Audience, AudiencePin, Mode
from tamis.app.services import audiences
from tamis.app.services.vocabulary import vocabulary

if TYPE_CHECKING:
    from tamis.audiences.comparing import Wanted
    from tamis.rules.nodes import Rule
    from tamis.rules.vocabulary import Vocabulary


@dataclass(frozen=True)
class Deciding:
    """What decides, before it is compiled; an ``audience`` of 0 is none yet. ``filled``: a refresh has filled it."""

    audience: int
    rule: "Rule"
    mode: str
    exclusions: Sequence[int]
    pins: Mapping[int, bool]
    filled: bool

    @property
    def by_rule(self) -> bool:
        """Whether the rule is asked: that of a static audience is, until it is filled."""
        return self.mode != Mode.STATIC or not self.filled


def deciding_of(audience: Audience | None, rule: "Rule", mode: str, exclusions: Sequence[int]) -> Deciding:
    """What decides of an audience, or of one that is yet to be, under such a definition."""
    if audience is None:
        return Deciding(0, rule, mode, exclusions, {}, False)
    pins = dict(AudiencePin.objects.filter(audience=audience).values_list("subject", "inside"))
    return Deciding(audience.pk, rule, mode, exclusions, pins, audiences.is_filled(audience))


def made_ready(deciding: Deciding, now: datetime, known: "Vocabulary | None" = None) -> "tuple[Wanted, set[int]]":
    """What decides as of an instant, and the audiences whose members are asked for.

    The rule of a static audience that was filled says how it was filled, and is not asked any more: it cannot break.
    Raises :class:`~tamis.rules.errors.RuleError` for a rule that cannot be asked.
    """
    from tamis.audiences.comparing import Wanted
    from tamis.audiences.narrowing import since, without_events
    from tamis.rules.checking import check
    from tamis.rules.nodes import InAudience, every
    from tamis.rules.sql.compiling import compile_rule
    from tamis.rules.sql.query import Query

    query, named = Query(""), set[int]()
    plain, asked_since = None, {}
    if deciding.by_rule:
        known = known or vocabulary()
        check(deciding.rule, known)
        query = compile_rule(deciding.rule, known, now)
        if some := without_events(deciding.rule):
            plain = compile_rule(some, known, now)
        asked_since = since(deciding.rule, now, known.zone)
        named = {known.audience(each.audience).id for each in every(deciding.rule, InAudience)}
    wanted = Wanted(deciding.audience, deciding.rule.subject, deciding.mode, query, deciding.filled,
                    deciding.exclusions, deciding.pins, plain, asked_since)  # fmt: skip
    return wanted, {*named, *deciding.exclusions}
