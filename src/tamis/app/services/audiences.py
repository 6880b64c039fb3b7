"""Audiences as people define them: a rule, a mode, exclusions, how often, and members by hand.

Defining fills nothing: :mod:`~tamis.app.services.refreshing` does. What would make an audience hang on itself, through
other audiences or through what actions write, is refused here (:mod:`~tamis.app.services.audience_graph`).
"""

import os
import re
import socket
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from tamis.app.models import Act, Audience, AudiencePin, AudienceRun, AudienceVersion, Mode
from tamis.app.services import audience_graph, audience_holds, engine_tables, rules
from tamis.app.services.acting import Actor, acting
from tamis.app.services.audience_holds import subject_of as subject_of
from tamis.app.services.leases import lease
from tamis.errors import NotFound, Refused, did_you_mean
from tamis.identity.folding import fold
from tamis.messages import Message, say, say_many

if TYPE_CHECKING:
    from tamis.rules.nodes import Rule

MAX_NAME = 100
LASTS = timedelta(minutes=30)
MOST = 2_000
LEAST, LONGEST = 1, 366 * 24 * 60
"""Between two refreshes, in minutes."""
UNITS = {"m": 1, "min": 1, "h": 60, "d": 24 * 60, "j": 24 * 60, "w": 7 * 24 * 60}
MOST_PINS = 10_000
"""So many members one gesture adds or removes by hand."""


class Unset:
    """What stands for a setting that an edit leaves as it is."""


UNSET = Unset()


@dataclass(frozen=True)
class Definition:
    """What is in force together: a rule as text, a mode, and the audiences that are subtracted."""

    rule: str
    mode: Mode
    exclusions: Sequence[Audience] = ()


def every_audience() -> QuerySet[Audience]:
    """Every audience, in the order that the user gave."""
    return Audience.objects.order_by("position", "pk")


def with_sizes(audiences: "QuerySet[Audience]") -> "QuerySet[Any]":
    """The audiences, each with how many members it has as ``sized``; nothing before its first refresh."""
    done = AudienceRun.objects.filter(audience=OuterRef("pk"), state=AudienceRun.State.DONE).order_by("-pk")
    return audiences.annotate(sized=Subquery(done.values("size")[:1]))


def find(word: str) -> Audience:
    """An audience by its name, in any spelling, or its number. Raises :class:`~tamis.errors.NotFound`."""
    if found := Audience.objects.filter(key=fold(word)).first():
        return found
    if word.isascii() and word.isdigit() and (found := Audience.objects.filter(pk=int(word[:18])).first()):
        return found
    names = {fold(name): name for name in Audience.objects.values_list("name", flat=True)}
    near = did_you_mean(fold(word), names)
    hint = did_you_mean(names[str(near.values["word"])], [names[str(near.values["word"])]]) if near else ""  # type: ignore[union-attr]
    raise NotFound(say("Aucune audience ne s'appelle « {name} ».{hint}", name=word[:80], hint=hint), "audience.unknown")


def find_by_id(pk: int) -> Audience:
    """The audience of a number. Raises :class:`~tamis.errors.NotFound`."""
    if found := Audience.objects.filter(pk=pk).first():
        return found
    raise NotFound(say("Cette audience n'existe pas ou plus."), "audience.unknown")


def read_mode(word: str) -> Mode:
    """The mode of this name. Raises :class:`~tamis.errors.Refused`."""
    if word in Mode.values:
        return Mode(word)
    hint = did_you_mean(word, Mode.values)
    raise Refused(say("« {mode} » n'est pas un mode : static, add-only ou dynamic.{hint}", mode=word[:20], hint=hint),
                  "audience.mode")  # fmt: skip


def read_every(word: str) -> int:
    """Minutes, from ``45m``, ``1h``, ``1d`` (or ``1j``), ``2w``. Raises :class:`~tamis.errors.Refused`."""
    found = re.fullmatch(r"\s*([0-9]{1,6})\s*(m|min|h|d|j|w)\s*", word.lower())
    if not found:
        raise Refused(say("« {word} » n'est pas une durée : écrivez 15m, 1h, 1d ou 1w.", word=word[:20]),
                      "audience.every")  # fmt: skip
    return _checked_every(int(found[1]) * UNITS[found[2]])


def every_said(minutes: int | None) -> str:
    """How often, as :func:`read_every` takes it; nothing for not at all."""
    if minutes is None:
        return ""
    for unit in ("w", "d", "h"):
        if minutes % UNITS[unit] == 0:
            return f"{minutes // UNITS[unit]}{unit}"
    return f"{minutes}m"


def _checked_every(minutes: int) -> int:
    if not LEAST <= minutes <= LONGEST:
        raise Refused(say("Un rafraîchissement a lieu toutes les minutes au plus, tous les ans au moins."),
                      "audience.every")  # fmt: skip
    return minutes


def create(
    actor: Actor, name: str, definition: Definition, *, every: int | None = None, most_leaving: int | None = None
) -> Audience:
    """A new audience, empty until its first refresh.

    Raises :class:`~tamis.rules.errors.RuleError` for a rule that cannot be asked, :class:`~tamis.errors.Refused` for a
    name that is taken, or a cycle.
    """
    question = rules.ask(definition.rule)
    name = checked_name(name)
    with acting(actor, Act.Kind.AUDIENCE_CREATED, say("Audience « {name} » créée", name=name)) as act:
        audience = add(name, question.subject, act, every=every and _checked_every(every),
                       most_leaving=_checked_share(most_leaving), next_at=act.at if every else None)  # fmt: skip
        _new_version(audience, question.rule, definition, act)
        audience_graph.refuse_cycles(audience)
    return audience


def add(name: str, subject: str, act: Act, **settings: Any) -> Audience:
    """The row of a new audience, the last in order, in the transaction of an act. Raises ``Refused``."""
    _refuse_taken(name)
    if Audience.objects.count() >= MOST:
        raise Refused(say("Au plus {max} audiences : supprimez-en une.", max=MOST), "audience.many")
    last = Audience.objects.aggregate(last=Max("position"))["last"] or 0
    return Audience.objects.create(
        name=name, key=fold(name), subject=subject, position=last + 1, created_at=act.at, **settings
    )


def edit(
    actor: Actor, audience: Audience, *, name: str | None = None, definition: Definition | None = None,
    every: int | Unset | None = UNSET, most_leaving: int | Unset | None = UNSET, seen: str = "",
) -> Audience:  # fmt: skip
    """Change what is given. Another rule, mode or set of exclusions is a new version; members follow when refreshed.

    Raises as :func:`create`; also for a static audience that was filled, whose rule says how it was filled, and where
    somebody changed what was ``seen`` (:func:`as_seen`).
    """
    question = rules.ask(definition.rule) if definition else None
    with acting(actor, Act.Kind.AUDIENCE_CHANGED, say("Audience « {name} » changée", name=audience.name)) as act:
        audience = Audience.objects.select_for_update().get(pk=audience.pk)
        if seen and seen != as_seen(audience):
            _refuse_changed(audience)
        if name is not None:
            _rename(audience, name)
        if not isinstance(every, Unset):
            audience.every = every and _checked_every(every)
            audience.next_at = act.at if every else None
        if not isinstance(most_leaving, Unset):
            audience.most_leaving = _checked_share(most_leaving)
        audience.save()
        if question and definition:
            _refuse_other_subject(audience, question.subject)
            _new_version(audience, question.rule, definition, act)
            audience_graph.refuse_cycles(audience)
    return audience


def as_seen(audience: Audience) -> str:
    """A word that another name, version, frequency or breaker turns into another word."""
    version = audience.version.number
    return f"{version} {audience.every} {audience.most_leaving} {audience.name}"


def _refuse_changed(audience: Audience) -> None:
    raise Refused(
        say("« {name} » a changé depuis que cette page a été ouverte (version {n}, par {by}). Rien n'a été "
            "enregistré : comparez, puis enregistrez à nouveau pour remplacer ce qui y est.",
            name=audience.name, n=audience.version.number, by=audience.version.act.by),
        "audience.stale",
    )  # fmt: skip


def _new_version(audience: Audience, rule: "Rule", definition: Definition, act: Act) -> None:
    from tamis.rules.storing import as_json

    _refuse_wrong_exclusions(audience, definition.exclusions)
    excluded = sorted({each.pk for each in definition.exclusions})
    said = {"rule": as_json(rule), "mode": definition.mode, "exclusions": excluded}
    before = audience.versions.order_by("-number").first()
    if before and said == {"rule": before.rule, "mode": before.mode, "exclusions": before.exclusions}:
        return
    if before and before.mode == definition.mode == Mode.STATIC and said["rule"] != before.rule and is_filled(audience):
        raise Refused(
            say("« {name} » est statique et déjà remplie : sa règle dit comment elle l'a été. Créez-en une autre, ou "
                "changez son mode.", name=audience.name),
            "audience.static",
        )  # fmt: skip
    AudienceVersion.objects.create(
        audience=audience, number=before.number + 1 if before else 1, at=act.at, act=act, **said
    )


def is_filled(audience: Audience) -> bool:
    """Whether a refresh has filled it; members by hand may have come before."""
    done = audience.runs.filter(state=AudienceRun.State.DONE)
    return done.exclude(way=AudienceRun.Way.HAND).exists()


def definition_of(audience: Audience) -> Definition:
    """What is in force now, to be changed in part."""
    from tamis.rules.rendering import render

    version = audience.version
    return Definition(render(version.read), Mode(version.mode), exclusions_of(version))


def exclusions_of(version: AudienceVersion) -> list[Audience]:
    """The audiences that are subtracted, those deleted since left out."""
    found = Audience.objects.in_bulk(version.exclusions)
    return [found[pk] for pk in version.exclusions if pk in found]


def _rename(audience: Audience, name: str) -> None:
    """Give another name; the rules that name it follow."""
    name = checked_name(name)
    if fold(name) != audience.key:
        _refuse_taken(name)
    for version in AudienceVersion.objects.all():
        renamed = _renamed(version.rule, audience.key, name)
        if renamed != version.rule:
            version.rule = renamed
            version.save(update_fields=["rule"])
    audience.name, audience.key = name, fold(name)


def _renamed(stored: Any, key: str, name: str) -> Any:
    """A stored rule in which an audience has another name."""
    if isinstance(stored, list):
        return [_renamed(each, key, name) for each in stored]
    if not isinstance(stored, dict):
        return stored
    if stored.get("node") == "audience" and fold(stored["audience"]) == key:
        return stored | {"audience": name}
    return {field: _renamed(each, key, name) for field, each in stored.items()}


def delete(actor: Actor, audience: Audience) -> None:
    """Delete an audience with its history, its claims and its tags. Raises ``Refused`` while another needs it."""
    from tamis.app.services import audience_effects  # here: it does what is defined here
    from tamis.audiences import members

    if users := audience_graph.users_of(audience):
        raise Refused(
            say("« {name} » sert à {users} : changez-les d'abord.", name=audience.name,
                users=", ".join(f"« {each.name} »" for each in users)),
            "audience.used",
        )  # fmt: skip
    pk = audience.pk
    note = say("Audience « {name} » supprimée", name=audience.name)
    with alone(audience), acting(actor, Act.Kind.AUDIENCE_DELETED, note) as act:
        actions = [*audience.actions.select_related("audience")]
        pinned = audience_holds.pinned_by(actions)
        for action in actions:
            audience_holds.withdraw(act, action)
        audience.delete()
    members.forget(engine_tables.members_folder(), audience=pk)
    audience_effects.look_again(actor, pinned)


def put_in_order(actor: Actor, first: Sequence[Audience]) -> None:
    """Rank audiences: these first, in this order, then the others as they were. Rules that claim lists rank so.

    The companies that rules claim go at once where the new order says.
    """
    names = ", ".join(each.name for each in first)
    with acting(actor, Act.Kind.AUDIENCE_CHANGED, say("Ordre des audiences : {names}", names=names[:400])) as act:
        rest = every_audience().exclude(pk__in=[each.pk for each in first])
        order = [*dict.fromkeys([*first, *rest])]
        for number, each in enumerate(order, 1):
            each.position = number
        Audience.objects.bulk_update(order, ["position"])
        audience_holds.rank_anew(act)


def pin(actor: Actor, audience: Audience, subjects: Collection[int], *, inside: bool) -> int:
    """Make somebody a member by hand, or keep them out, whatever the rule says; how many. Refresh them afterwards."""
    note = _told_of_pins(audience, len({*subjects}), inside)
    with acting(actor, Act.Kind.AUDIENCE_PINNED, note) as act:
        wanted = _existing(audience, subjects)
        AudiencePin.objects.filter(audience=audience, subject__in=wanted).delete()
        AudiencePin.objects.bulk_create(
            AudiencePin(audience=audience, subject=each, inside=inside, at=act.at, act=act) for each in sorted(wanted)
        )
    return len(wanted)


def release(actor: Actor, audience: Audience, subjects: Collection[int]) -> int:
    """Let the rule decide again of somebody; how many had been pinned. Refresh them afterwards."""
    note = say("« {name} » : la règle décide à nouveau", name=audience.name)
    with acting(actor, Act.Kind.AUDIENCE_PINNED, note):
        return AudiencePin.objects.filter(audience=audience, subject__in={*subjects}).delete()[0]


def _told_of_pins(audience: Audience, n: int, inside: bool) -> Message:
    if inside:
        return say_many("{n} membre ajouté à la main à « {name} »", "{n} membres ajoutés à la main à « {name} »",
                        n=n, name=audience.name)  # fmt: skip
    return say_many("{n} membre retiré à la main de « {name} »", "{n} membres retirés à la main de « {name} »",
                    n=n, name=audience.name)  # fmt: skip


def _existing(audience: Audience, subjects: Iterable[int]) -> set[int]:
    wanted = {*subjects}
    if not 0 < len(wanted) <= MOST_PINS:
        raise Refused(say("Choisissez de 1 à {max} membres.", max=MOST_PINS), "audience.pins")
    there = {*subject_of(audience).existing().filter(pk__in=wanted).values_list("pk", flat=True)}
    if missing := wanted - there:
        raise NotFound(say("Le numéro {id} n'existe pas ou plus : rien n'a été fait.", id=min(missing)))
    return wanted


def alone(audience: Audience) -> AbstractContextManager[Any]:
    """Be the only one at an audience within the block. Raises :class:`~tamis.errors.Busy`."""
    return lease(f"audience:{audience.pk}", f"{socket.gethostname()}:{os.getpid()}", LASTS)


def due(now: Any = None) -> QuerySet[Audience]:
    """The audiences whose time has come."""
    return every_audience().filter(next_at__lte=now or timezone.now())


def next_time(audience: Audience) -> Any:
    """When it is due after a refresh that ends now; one that was due keeps its hours, however late it came."""
    if not audience.every:
        return None
    now, step = timezone.now(), timedelta(minutes=audience.every)
    due = audience.next_at
    return now + step if due is None or due > now else due + step * ((now - due) // step + 1)


def checked_name(name: str) -> str:
    """A name as it is kept. Raises :class:`~tamis.errors.Refused`."""
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME or not name.isprintable() or not fold(name) or name.isdigit() or '"' in name:
        raise Refused(
            say('Donnez à l\'audience un nom de {max} caractères au plus, sans « " », et pas un nombre seul.',
                max=MAX_NAME),
            "audience.name",
        )  # fmt: skip
    return name


def _refuse_taken(name: str) -> None:
    if other := Audience.objects.filter(key=fold(name)).first():
        raise Refused(say("Une audience s'appelle déjà « {name} ».", name=other.name), "audience.taken")


def refuse_unlike(audience: Audience | None, subject: str, exclusions: Iterable[Audience]) -> None:
    """Raise :class:`~tamis.errors.Refused` for a rule or an exclusion of another kind than the audience's."""
    if audience is not None:
        _refuse_other_subject(audience, subject)
    _refuse_wrong_exclusions(audience or Audience(name="…", subject=subject), exclusions)


def _refuse_other_subject(audience: Audience, subject: str) -> None:
    if subject != audience.subject:
        raise Refused(
            say("« {name} » contient des {subject} : sa règle doit porter sur des {subject}.", name=audience.name,
                subject=audience.get_subject_display()),
            "audience.subject",
        )  # fmt: skip


def _refuse_wrong_exclusions(audience: Audience, exclusions: Iterable[Audience]) -> None:
    for each in exclusions:
        if each.subject != audience.subject:
            raise Refused(
                say("« {other} » contient autre chose que des {subject} : elle ne peut pas être exclue de « {name} ».",
                    other=each.name, subject=audience.get_subject_display(), name=audience.name),
                "audience.exclusion",
            )  # fmt: skip


def _checked_share(share: int | None) -> int | None:
    if share is not None and not 0 <= share <= 100:
        raise Refused(say("La part qui peut sortir est un pourcentage, de 0 à 100."), "audience.share")
    return share
