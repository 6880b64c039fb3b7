"""Which audience must be refreshed before which, and that none hangs on itself."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tamis.app.models import Audience, AudienceAction, AudienceVersion
from tamis.app.services.vocabulary import vocabulary
from tamis.audiences import depends
from tamis.audiences.depends import LISTS, Thing
from tamis.errors import Refused
from tamis.messages import say
from tamis.rules.storing import read

if TYPE_CHECKING:
    from tamis.rules.nodes import Rule


def needs(draft: "Draft | None" = None) -> dict[int, set[int]]:
    """For each audience those that must be refreshed before it; one of them as a draft has it, if there is one."""
    known, latest = vocabulary(), _latest_versions()
    reading = {each.audience_id: depends.reads(read(each.rule), known, each.exclusions) for each in latest}
    if draft:
        reading[draft.audience] = depends.reads(draft.rule, known, draft.exclusions)
    return depends.needs(reading, writing())


class Draft(NamedTuple):
    """What an audience would be if it were saved so."""

    audience: int
    rule: "Rule"
    exclusions: Sequence[int]


def writing() -> dict[int, frozenset[Thing]]:
    """What the actions of each audience write."""
    found: dict[int, set[Thing]] = {}
    for action in AudienceAction.objects.select_related("audience"):
        found.setdefault(action.audience_id, set()).update(writes(action))
    return {audience: frozenset(things) for audience, things in found.items()}


def writes(action: AudienceAction) -> set[Thing]:
    """What an action writes that rules can read."""
    subject, target = action.audience.subject, int(action.arguments.get("id", 0))
    match action.kind:
        case AudienceAction.Kind.LIST:
            return {LISTS}
        case AudienceAction.Kind.TAG | AudienceAction.Kind.UNTAG:
            return {Thing("tag", subject, target)}  # type: ignore[arg-type]
        case AudienceAction.Kind.STATUS:
            return {Thing("status", subject)}  # type: ignore[arg-type]
        case AudienceAction.Kind.ADD | AudienceAction.Kind.REMOVE:
            return {Thing("audience", None, target)}
    return set()


def in_order(wanted: Iterable[Audience]) -> list[Audience]:
    """These audiences and all that they need, each after those that it needs."""
    hanging = needs()
    chosen = depends.with_needed([each.pk for each in wanted], hanging)
    ranked = {pk: hanging[pk] for pk in Audience.objects.order_by("position", "pk").values_list("pk", flat=True)}
    found = Audience.objects.in_bulk(chosen)
    return [found[pk] for pk in depends.ordered(ranked) if pk in found]


def refuse_cycles(audience: Audience, draft: "Draft | None" = None) -> None:
    """Raise :class:`~tamis.errors.Refused` when something hangs on itself as things are being saved, or would be."""
    try:
        depends.ordered(needs(draft))
    except depends.Cycle as cycle:
        names = dict(Audience.objects.in_bulk(cycle.path).items())
        path = " → ".join(f"« {names[pk].name} »" for pk in cycle.path)
        raise Refused(
            say("« {name} » dépendrait d'elle-même : {path}. Une audience ne peut pas lire ce qu'elle écrit, par ses "
                "membres ou par ses actions (une liste, un tag, un statut).", name=audience.name, path=path),
            "audience.cycle",
        ) from None  # fmt: skip


def users_of(audience: Audience) -> list[Audience]:
    """The other audiences whose rule, exclusions or actions name it."""
    from tamis.identity.folding import fold
    from tamis.rules.nodes import InAudience, every

    naming = {
        each.audience_id for each in _latest_versions()
        if audience.pk in each.exclusions
        or any(fold(node.audience) == audience.key for node in every(read(each.rule), InAudience))
    }  # fmt: skip
    kinds = (AudienceAction.Kind.ADD, AudienceAction.Kind.REMOVE)
    naming |= {each.audience_id for each in AudienceAction.objects.filter(kind__in=kinds)
               if each.arguments.get("id") == audience.pk}  # fmt: skip
    return [*Audience.objects.filter(pk__in=naming - {audience.pk}).order_by("position", "pk")]


def _latest_versions() -> list[AudienceVersion]:
    latest = {each.audience_id: each for each in AudienceVersion.objects.order_by("number")}
    return [*latest.values()]
