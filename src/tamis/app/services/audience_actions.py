"""What entering and leaving an audience sets off, as people define it; :mod:`.audience_effects` does it.

A list that is claimed and a tag that is put on last as long as somebody is a member; everything else happens once, on
entering or on leaving. What would make an audience hang on itself is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from tamis.app.models import (
    Act,
    Audience,
    AudienceAction,
    AudienceDelivery,
    AudienceEffect,
    AudienceRun,
    List,
    Status,
    Tag,
    User,
)
from tamis.app.services import (
    audience_graph,
    audience_holds,
    audience_webhooks,
    audiences,
    engine_tables,
    lists,
    statuses,
    tags,
)
from tamis.app.services.acting import Actor, acting
from tamis.app.services.leases import patiently
from tamis.errors import NotFound, Refused
from tamis.messages import Message, say, say_many

Edge, Kind = AudienceAction.Edge, AudienceAction.Kind
MOST = 20
"""So many actions an audience has at most."""
PATIENCE = 20.0  # seconds that a refresh under way is waited for
AT_ONCE = 5_000  # rows of the outbox written at once


@dataclass(frozen=True)
class Wanted:
    """An action to be: what, to what, and when.

    ``target`` names a list, a tag, a status or an audience, or is a webhook's address, a colleague's account or mail
    address.
    """

    kind: AudienceAction.Kind
    target: str
    edge: AudienceAction.Edge = Edge.ENTER


def lasts(kind: str) -> bool:
    """Whether an action of this kind lasts as long as somebody is a member."""
    return kind in (Kind.LIST, Kind.TAG)


def of(audience: Audience) -> list[AudienceAction]:
    """The actions of an audience, in the order in which they are done."""
    return [*audience.actions.select_related("audience").order_by("pk")]


def find(audience: Audience, pk: int) -> AudienceAction:
    """The action of a number. Raises :class:`~tamis.errors.NotFound`."""
    if found := audience.actions.select_related("audience").filter(pk=pk).first():
        return found
    raise NotFound(say("« {name} » n'a pas d'action n° {id}.", name=audience.name, id=pk), "action.unknown")


def add(actor: Actor, audience: Audience, wanted: Wanted) -> AudienceAction:
    """A new action. One that lasts applies to those who are in already: their effects wait to be done.

    Raises :class:`~tamis.errors.NotFound`, :class:`~tamis.errors.Refused` for what cannot be or would make a cycle,
    :class:`~tamis.errors.Busy` while the audience is being refreshed.
    """
    arguments = _arguments(audience, wanted)
    return patiently(lambda: _add(actor, audience, wanted, arguments), PATIENCE)


def _add(actor: Actor, audience: Audience, wanted: Wanted, arguments: Mapping[str, Any]) -> AudienceAction:
    note = say("Action ajoutée à « {name} »", name=audience.name)
    with audiences.alone(audience), acting(actor, Act.Kind.AUDIENCE_CHANGED, note) as act:
        audience = audiences.find_by_id(audience.pk)
        _refuse_more(audience, wanted, arguments)
        action = AudienceAction.objects.create(
            audience=audience, edge=wanted.edge, kind=wanted.kind, arguments=arguments, created_at=act.at
        )
        audience_graph.refuse_cycles(audience)
        _retell(act, say("« {name} » : {what}", name=audience.name, what=sentence(action)))
        if lasts(action.kind):
            _queue_present(action)
    return action


def _refuse_more(audience: Audience, wanted: Wanted, arguments: Mapping[str, Any]) -> None:
    there = of(audience)
    if len(there) >= MOST:
        raise Refused(say("Au plus {max} actions par audience : supprimez-en une.", max=MOST), "action.many")
    if any((each.edge, each.kind, each.arguments) == (wanted.edge, wanted.kind, arguments) for each in there):
        raise Refused(say("« {name} » a déjà cette action.", name=audience.name), "action.taken")
    if wanted.kind == Kind.LIST and any(each.kind == Kind.LIST for each in there):
        raise Refused(
            say("« {name} » réclame déjà une liste : une entreprise n'est que dans une.", name=audience.name),
            "action.list",
        )


def _queue_present(action: AudienceAction) -> None:
    """Put those who are in as of the last run into the outbox, as if they had entered with it."""
    from tamis.audiences.members import History

    done = action.audience.runs.filter(state=AudienceRun.State.DONE).order_by("-pk").first()
    if done is None or not done.size:
        return
    there = History(engine_tables.members_folder(), action.audience_id).members(done.pk).column("subject").to_pylist()
    AudienceEffect.objects.bulk_create(
        (AudienceEffect(run=done, action=action, subject=each, edge=Edge.ENTER) for each in there), batch_size=AT_ONCE
    )


def delete(actor: Actor, action: AudienceAction) -> None:
    """Delete an action with what it holds: its claims are withdrawn, its tags come off. What waits is not done."""
    patiently(lambda: _delete(actor, action), PATIENCE)


def _delete(actor: Actor, action: AudienceAction) -> None:
    note = say("« {name} » n'a plus l'action : {what}", name=action.audience.name, what=sentence(action))
    with audiences.alone(action.audience), acting(actor, Act.Kind.AUDIENCE_CHANGED, note) as act:
        audience_holds.withdraw(act, action)
        action.delete()


def _retell(act: Act, note: Message) -> None:
    act.note_stored = note.stored()
    act.save(update_fields=["note_stored"])


def read_kind(word: str) -> AudienceAction.Kind:
    """The kind of this name. Raises :class:`~tamis.errors.Refused`."""
    if word in Kind.values:
        return Kind(word)
    raise Refused(say("« {word} » n'est pas une action : {known}.", word=word[:20], known=", ".join(Kind.values)),
                  "action.kind")  # fmt: skip


def _arguments(audience: Audience, wanted: Wanted) -> dict[str, Any]:
    """What an action needs to know, as it is kept."""
    if lasts(wanted.kind) and wanted.edge != Edge.ENTER:
        raise Refused(
            say("Une liste réclamée et un tag posé durent tant qu'on est membre : l'action se fait en entrant, et se "
                "défait en sortant."),
            "action.edge",
        )  # fmt: skip
    return _READ[wanted.kind](audience, wanted.target.strip())


def _list(audience: Audience, word: str) -> dict[str, Any]:
    if audience.subject != Audience.Subject.COMPANIES:
        raise Refused(say("Seule une audience d'entreprises réclame une liste."), "action.subject")
    return {"id": lists.find(word).pk}


def _tag(audience: Audience, word: str) -> dict[str, Any]:
    return {"id": tags.find(word).pk}


def _status(audience: Audience, word: str) -> dict[str, Any]:
    return {"id": statuses.find(word, audiences.subject_of(audience)).pk}


def _other(audience: Audience, word: str) -> dict[str, Any]:
    other = audiences.find(word)
    if other.subject != audience.subject:
        raise Refused(
            say("« {other} » contient autre chose que des {subject} : les membres de « {name} » ne peuvent pas y "
                "entrer.", other=other.name, subject=audience.get_subject_display(), name=audience.name),
            "action.subject",
        )  # fmt: skip
    return {"id": other.pk}


def _webhook(audience: Audience, word: str) -> dict[str, Any]:
    return {"url": audience_webhooks.checked_url(word)}


def _mail(audience: Audience, word: str) -> dict[str, Any]:
    if user := User.objects.filter(username=word, is_active=True).first():
        if not user.email:
            raise Refused(say("{name} n'a pas d'adresse de courriel.", name=user.username), "action.mail")
        return {"user": user.pk}
    try:
        validate_email(word)
    except ValidationError:
        raise Refused(say("« {word} » n'est ni un compte ni une adresse de courriel.", word=word[:80]),
                      "action.mail") from None  # fmt: skip
    return {"to": word}


_READ: Mapping[str, Callable[[Audience, str], dict[str, Any]]] = {
    Kind.LIST: _list, Kind.TAG: _tag, Kind.UNTAG: _tag, Kind.STATUS: _status, Kind.ADD: _other, Kind.REMOVE: _other,
    Kind.WEBHOOK: _webhook, Kind.MAIL: _mail,
}  # fmt: skip
_NAMED: Mapping[str, Any] = {
    Kind.LIST: List.objects.filter(deleted_at=None), Kind.TAG: Tag.objects.select_related("category"),
    Kind.UNTAG: Tag.objects.select_related("category"), Kind.STATUS: Status.objects, Kind.ADD: Audience.objects,
    Kind.REMOVE: Audience.objects,
}  # fmt: skip


def target_of(action: AudienceAction) -> str:
    """To what, as people write it; empty when that was deleted."""
    given = action.arguments
    if action.kind in _NAMED:
        found = _NAMED[action.kind].filter(pk=given["id"]).first()
        return f"{found.category}: {found}" if isinstance(found, Tag) else found.name if found else ""
    if "user" in given:
        user = User.objects.filter(pk=given["user"]).first()
        return user.username if user else ""
    return str(given.get("url") or given.get("to"))


def sentence(action: AudienceAction) -> Message:
    """What an action does and when, in words."""
    target = target_of(action)
    if not target:
        return say("{kind} : ce qu'elle visait a été supprimé", kind=action.get_kind_display())
    if lasts(action.kind):
        return _LASTING[action.kind](target)
    done = _ONCE[action.kind](target)
    return say("en entrant, {what}", what=done) if action.edge == Edge.ENTER else say("en sortant, {what}", what=done)


def when(action: AudienceAction) -> Message:
    """When it is done, in words."""
    if lasts(action.kind):
        return say("tant qu'on est membre")
    return say("en entrant") if action.edge == Edge.ENTER else say("en sortant")


def deed(action: AudienceAction) -> Message:
    """What an action does, in words that do not say when."""
    target = target_of(action)
    if not target:
        return sentence(action)
    return _DEEDS[action.kind](target)


_LASTING: Mapping[str, Callable[[str], Message]] = {
    Kind.LIST: lambda it: say("tant qu'on est membre, « {name} » réclame l'entreprise", name=it),
    Kind.TAG: lambda it: say("tant qu'on est membre, tag « {name} »", name=it),
}
_ONCE: dict[str, Callable[[str], Message]] = {
    Kind.UNTAG: lambda it: say("le tag « {name} » est retiré", name=it),
    Kind.STATUS: lambda it: say("le statut devient « {name} »", name=it),
    Kind.ADD: lambda it: say("on est ajouté à « {name} »", name=it),
    Kind.REMOVE: lambda it: say("on est retiré de « {name} »", name=it),
    Kind.WEBHOOK: lambda it: say("webhook vers {name}", name=it),
    Kind.MAIL: lambda it: say("e-mail à {name}", name=it),
}
_DEEDS: Mapping[str, Callable[[str], Message]] = _ONCE | {
    Kind.LIST: lambda it: say("« {name} » réclame l'entreprise", name=it),
    Kind.TAG: lambda it: say("tag « {name} »", name=it),
}


def _why(action: AudienceAction) -> Message | None:
    """Why the last thing of an action that was given up was."""
    effects = AudienceEffect.objects.filter(action=action, state=AudienceEffect.State.DEAD)
    if effect := effects.order_by("-done_at").first():
        return effect.why
    delivery = AudienceDelivery.objects.filter(action=action, state=AudienceDelivery.State.DEAD).order_by("-pk").first()
    return delivery.answer if delivery else None


def as_json(action: AudienceAction) -> dict[str, Any]:
    """An action as the command line and the API show it; ``waiting`` and ``dead`` count members and deliveries."""
    effects, deliveries = AudienceEffect.State, AudienceDelivery.State
    waiting = action.effects.filter(state=effects.WAITING).count()
    waiting += action.deliveries.filter(state=deliveries.WAITING).count()
    dead = action.effects.filter(state=effects.DEAD).count() + action.deliveries.filter(state=deliveries.DEAD).count()
    return {
        "id": action.pk, "on": action.edge, "kind": action.kind, "target": target_of(action) or None,
        "sentence": sentence(action), "created_at": action.created_at, "waiting": waiting, "dead": dead,
        "why": _why(action) if dead else None,
    }  # fmt: skip


@dataclass(frozen=True)
class Foreseen:
    """How often an action would fire on an edge: for each member, but mails and webhooks, which bear several."""

    action: AudienceAction
    edge: AudienceAction.Edge
    times: int
    sentence: Message


def foresee(actions: Sequence[AudienceAction], entered: int, left: int) -> list[Foreseen]:
    """Which actions would fire how often when so many enter and leave; nothing is written."""
    found = [_foreseen(each, edge, n) for each in actions for edge, n in ((Edge.ENTER, entered), (Edge.LEAVE, left))
             if n and (edge == each.edge or lasts(each.kind))]  # fmt: skip
    return sorted(found, key=lambda each: each.edge == Edge.ENTER)  # leaving first, as it is done


def _foreseen(action: AudienceAction, edge: AudienceAction.Edge, n: int) -> Foreseen:
    target = target_of(action)
    if action.kind == Kind.MAIL:
        told = say_many("1 e-mail à {name}, pour {n} membre", "1 e-mail à {name}, pour {n} membres", n=n, name=target)
        return Foreseen(action, edge, 1, told)
    if action.kind == Kind.WEBHOOK:
        told = say_many("{n} membre annoncé à {name}", "{n} membres annoncés à {name}", n=n, name=target)
        return Foreseen(action, edge, -(-n // audience_webhooks.TOGETHER), told)
    return Foreseen(action, edge, n, _of_many(action, edge, n, target))


def _of_many(action: AudienceAction, edge: AudienceAction.Edge, n: int, target: str) -> Message:
    """What happens to so many members."""
    if action.kind == Kind.LIST:
        if edge == Edge.ENTER:
            return say_many("{n} entreprise réclamée par « {name} »", "{n} entreprises réclamées par « {name} »",
                            n=n, name=target)  # fmt: skip
        return say_many("{n} entreprise n'est plus réclamée par « {name} »",
                        "{n} entreprises ne sont plus réclamées par « {name} »", n=n, name=target)  # fmt: skip
    if action.kind == Kind.TAG and edge == Edge.ENTER:
        return say_many("tag « {name} » posé {n} fois", "tag « {name} » posé {n} fois", n=n, name=target)
    if action.kind in (Kind.TAG, Kind.UNTAG):
        return say_many("tag « {name} » retiré {n} fois", "tag « {name} » retiré {n} fois", n=n, name=target)
    if action.kind == Kind.STATUS:
        return say_many("statut « {name} » donné {n} fois", "statut « {name} » donné {n} fois", n=n, name=target)
    if action.kind == Kind.ADD:
        return say_many("{n} membre ajouté à « {name} »", "{n} membres ajoutés à « {name} »", n=n, name=target)
    return say_many("{n} membre retiré de « {name} »", "{n} membres retirés de « {name} »", n=n, name=target)
