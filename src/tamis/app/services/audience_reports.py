"""An audience as it is shown: what it is, how fresh, who uses it; the same for pages, programs and the command line."""

from typing import Any

from tamis.app.models import Audience, AudiencePin
from tamis.app.services import audience_actions, audience_graph, audience_history, audience_members, rules
from tamis.app.services.audience_history import Freshness, names, utc
from tamis.app.services.audiences import every_audience, exclusions_of, subject_of
from tamis.errors import TamisError

PINS_SHOWN = 500


def listed() -> list[dict[str, Any]]:
    """Every audience in short, in the order that the user gave."""
    return [in_short(each) for each in audience_history.freshness(every_audience())]


def in_short(fresh: Freshness) -> dict[str, Any]:
    """What an audience is, how many are in, and as of when."""
    audience, version = fresh.audience, fresh.version
    return {
        "id": audience.pk, "name": audience.name, "subject": audience.subject, "mode": version.mode,
        "rule": audience_members.rule_of(version), "version": version.number, "size": fresh.size,
        "every": audience.every, "most_leaving": audience.most_leaving, "position": audience.position,
        "created_at": utc(audience.created_at), "freshness": fresh.as_json(),
    }  # fmt: skip


def in_full(audience: Audience) -> dict[str, Any]:
    """All there is to be shown of an audience but its members and its history."""
    fresh = audience_history.freshness_of(audience)
    pins = AudiencePin.objects.filter(audience=audience, by_action=None)
    return {
        **in_short(fresh), "sentence": sentence(fresh), "exclusions": names(exclusions_of(fresh.version)),
        "used_by": names(audience_graph.users_of(audience)), "way": fresh.done.way if fresh.done else None,
        "why": str(fresh.done.why) if fresh.done and fresh.done.why else None,
        "pinned_in": pins.filter(inside=True).count(), "pinned_out": pins.filter(inside=False).count(),
        "pins": pinned(audience),
        "actions": [audience_actions.as_json(each) for each in audience_actions.of(audience)],
    }  # fmt: skip


def sentence(fresh: Freshness) -> str:
    """The rule in the language of the moment; nothing where it cannot be asked any more."""
    try:
        return rules.ask(audience_members.rule_of(fresh.version)).sentence
    except TamisError:
        return ""


def pinned(audience: Audience, most: int = PINS_SHOWN) -> list[dict[str, Any]]:
    """Who was added or removed by hand, or by another ``audience``'s action, the last first, at most so many."""
    named = AudiencePin.objects.filter(audience=audience).select_related("act", "by_action__audience")
    pins = [*named.order_by("-at", "-pk")[:most]]
    known = audience_members.who(subject_of(audience), [each.subject for each in pins])
    return [
        {**known[each.subject], "inside": each.inside, "at": utc(each.at), "by": each.act.by,
         "audience": each.by_audience.name if each.by_audience else None}
        for each in pins if each.subject in known
    ]  # fmt: skip
