"""Statuses and tags put on companies and contacts: by hand, by import, and by rules.

Of a status the newest news stays, as of any field. A tag is on something once, by its strongest hand: what a person or
an import put there stays, a rule's comes off with the rule. Imports only add.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from tamis.app.models import Act, Source, Status, Tag, Tagged
from tamis.app.services import statuses, tags
from tamis.app.services.acting import Actor, acting
from tamis.app.services.company_writing import Pen
from tamis.app.services.provenance import source_words
from tamis.app.services.subjects import CONTACT, Subject, subject_of
from tamis.errors import NotFound, Refused, did_you_mean
from tamis.identity.folding import fold
from tamis.messages import Message, say, say_many
from tamis.sources.labels import STATUS, TAGS, Labels, tag_heading
from tamis.sources.lists import Fault

CHUNK = 10_000
MOST_AT_ONCE = 100_000
"""So many companies or contacts one gesture acts on."""


def put_status(actor: Actor, subject: Subject, ids: Iterable[int], status: Status | None) -> int:
    """Give a status by hand, or none; how many it changed. All of them or, when one does not exist, none."""
    wanted = sorted({*ids})
    if status and status not in statuses.statuses_of(subject):
        raise Refused(say("« {name} » n'est pas un statut pour eux.", name=status.name), "status.use")
    with acting(actor, Act.Kind.STATUS_PUT, _told_of_status(subject, len(wanted), status)) as act:
        _refuse_missing(subject, wanted)
        source = _by_hand(actor, act)
        given = {"status": status, "status_source": source if status else None, "status_since": timezone.now()}
        if status is None:
            given["status_since"] = None
        return sum(
            subject.rows().filter(pk__in=chunk).exclude(status=status).update(**given, updated_at=timezone.now())
            for chunk in chunks(wanted)
        )


def put_tag(actor: Actor, subject: Subject, ids: Iterable[int], tag: Tag) -> int:
    """Put a tag on by hand; on how many it was not yet. What a rule or an import had put there is a hand's now."""
    wanted = sorted({*ids})
    with acting(actor, Act.Kind.TAG_PUT, _told_of_tag(subject, len(wanted), tag)) as act:
        _refuse_missing(subject, wanted)
        source = _by_hand(actor, act)
        return sum(
            len(_tag(subject, [(id, tag.pk) for id in chunk], source, Tagged.By.HAND)) for chunk in chunks(wanted)
        )


def take_tag_off(actor: Actor, subject: Subject, ids: Iterable[int], tag: Tag) -> int:
    """Take a tag off by hand, whoever put it; off how many."""
    wanted = sorted({*ids})
    note = _told_of_tag(subject, len(wanted), tag)
    with acting(actor, Act.Kind.TAG_TAKEN_OFF, note):
        _refuse_missing(subject, wanted)
        rows = subject.tags._default_manager.filter(tag=tag)
        return sum(int(rows.filter(**{f"{subject.key}__in": chunk})._raw_delete("default")) for chunk in chunks(wanted))


def put_by_rule(subject: Subject, ids: Iterable[int], tag: Tag, source: Source) -> int:
    """Put a tag on for a rule, within its act; on how many it was not yet. One that is there keeps its hand."""
    return len(_tag(subject, [(id, tag.pk) for id in ids], source, Tagged.By.RULE))


def take_rules_off(subject: Subject, ids: Iterable[int], tag: int) -> int:
    """Take a tag off where a rule put it, within the act; off how many."""
    rows = subject.tags._default_manager.filter(tag=tag, by=Tagged.By.RULE, **{f"{subject.key}__in": {*ids}})
    return int(rows._raw_delete("default") or 0)  # nothing, for no ids


def take_off_by_rule(subject: Subject, ids: Iterable[int], tag: Tag) -> int:
    """Take a tag off whoever put it, because somebody told a rule to; off how many."""
    rows = subject.tags._default_manager.filter(tag=tag, **{f"{subject.key}__in": {*ids}})
    return int(rows._raw_delete("default") or 0)  # nothing, for no ids


def put_status_by_rule(subject: Subject, ids: Iterable[int], status: Status, source: Source) -> int:
    """Give a status as the news of a rule's day, within its act; to how many. Newer news is left alone."""
    held = subject.rows().filter(pk__in={*ids}).values_list("pk", "status_id", "status_source__as_of")
    newer = [id for id, now, as_of in held if now != status.pk and _newer(source.as_of, as_of)]
    at = timezone.now()
    given = {"status": status, "status_source": source, "status_since": at, "updated_at": at}
    return subject.rows().filter(pk__in=newer).update(**given)


def _told_of_status(subject: Subject, n: int, status: Status | None) -> Message:
    name = status.name if status else "—"
    if subject is CONTACT:
        return say_many("Statut « {name} » pour {n} contact", "Statut « {name} » pour {n} contacts", n=n, name=name)
    return say_many("Statut « {name} » pour {n} entreprise", "Statut « {name} » pour {n} entreprises", n=n, name=name)


def _told_of_tag(subject: Subject, n: int, tag: Tag) -> Message:
    if subject is CONTACT:
        return say_many("Tag « {name} » : {n} contact", "Tag « {name} » : {n} contacts", n=n, name=tag.name)
    return say_many("Tag « {name} » : {n} entreprise", "Tag « {name} » : {n} entreprises", n=n, name=tag.name)


def _by_hand(actor: Actor, act: Act) -> Source:
    return Source.objects.create(kind=Source.Kind.HAND, label=actor.by[:255], as_of=timezone.localdate(), act=act)


def _refuse_missing(subject: Subject, ids: Sequence[int]) -> None:
    if len(ids) > MOST_AT_ONCE:
        raise Refused(say("Au plus {max} à la fois : ajoutez un filtre.", max=MOST_AT_ONCE), "selection.large")
    if not ids:
        raise Refused(say("Choisissez-en au moins un."), "selection.none")
    there: set[int] = set()
    for chunk in chunks(ids):
        there |= {*subject.existing().filter(pk__in=chunk).values_list("pk", flat=True)}
    if missing := {*ids} - there:
        raise NotFound(say("Le numéro {id} n'existe pas ou plus : rien n'a été fait.", id=min(missing)))


def chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    """So many ids as one question takes at once."""
    return (ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK))


def _tag(subject: Subject, pairs: Iterable[tuple[int, int]], source: Source, by: Tagged.By) -> set[int]:
    """Put tags on; the ids of what got one that it had not."""
    pairs = [*dict.fromkeys(pairs)]
    rows, name = subject.tags._default_manager, subject.key
    found = rows.filter(**{f"{name}__in": {id for id, _ in pairs}}, tag__in={tag for _, tag in pairs})
    held = {(id, tag): (pk, was) for pk, id, tag, was in found.values_list("pk", f"{name}_id", "tag_id", "by")}
    weaker = [held[pair][0] for pair in pairs if pair in held and held[pair][1] > by]
    rows.filter(pk__in=weaker).update(by=by, source=source, at=timezone.now())
    new = [pair for pair in pairs if pair not in held]
    now = timezone.now()
    rows.bulk_create(subject.tags(**{f"{name}_id": id}, tag_id=tag, source=source, by=by, at=now) for id, tag in new)
    return {id for id, _ in new}


class Book:
    """The statuses and tags there are, for what the lines of an import say of a kind of subject."""

    def __init__(self, subject_key: str, create_tags: bool = False) -> None:
        self.subject = subject_of(subject_key)
        self.create_tags = create_tags
        self._statuses: Mapping[str, Status] = {each.key: each for each in statuses.statuses_of(self.subject)}
        self._tags = {(each.category.key, each.key): each for each in tags.every_tag()}
        self._categories = {category.key: category for category, _ in tags.by_category()}

    def faults(self, labels: Labels) -> list[Fault]:
        """What a line says of statuses and tags that are not there: the whole line is refused for it."""
        found = []
        if labels.status and fold(labels.status) not in self._statuses:
            hint = did_you_mean(labels.status, [each.name.casefold() for each in self._statuses.values()])
            reason = say("aucun statut ne s'appelle « {name} ».{hint}", name=labels.status[:60], hint=hint)
            found.append(Fault(STATUS, "status.unknown", reason))
        for category, name in labels.tags:
            if fault := self._fault(category, name):
                found.append(fault)
        return found

    def _fault(self, category: str, name: str) -> Fault | None:
        heading = tag_heading(category) if category else TAGS
        placed = self._placed(category, name)
        if placed is None:
            reason = say("« {name} » est dans plusieurs catégories : écrivez « Catégorie: {name} »", name=name[:60])
            return Fault(heading, "tag.ambiguous", reason)
        if (fold(placed[0]), fold(placed[1])) in self._tags:
            return None
        if self.create_tags and placed[0] and tags.nameable(*placed):
            return None
        hint = did_you_mean(name, [each.name for each in self._tags.values()])
        return Fault(heading, "tag.unknown", say("aucun tag ne s'appelle « {name} ».{hint}", name=name[:60], hint=hint))

    def _placed(self, category: str, name: str) -> tuple[str, str] | None:
        """The category and the name that a cell means, the category empty where nothing tells; none for several."""
        if category:
            return category, name
        holding = [key for key, tag in self._tags if tag == fold(name)]
        if len(holding) > 1:
            return None
        if holding:
            return holding[0], name
        left, colon, right = name.partition(":")
        return (left.strip(), right.strip()) if colon and left.strip() and right.strip() else ("", name)

    def write(self, given: Iterable[tuple[int, Labels]], pen: Pen) -> set[int]:
        """Put what lines say on their subjects, by id; the ids of those that changed."""
        given = [(id, labels) for id, labels in given if labels.status or labels.tags]
        if not given:
            return set()
        changed = self._write_statuses(
            {id: self._statuses[fold(each.status)] for id, each in given if each.status}, pen
        )
        pairs = [(id, self._tag_of(*tag).pk) for id, each in given for tag in each.tags]
        if new := self._new(pairs):
            changed |= _tag(self.subject, new, pen.source(), Tagged.By.IMPORT)
        self.subject.rows().filter(pk__in=changed).update(updated_at=timezone.now())
        return changed

    def _new(self, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """The tags that are not there yet, or only by a rule: an import that brings nothing new leaves no trace."""
        rows, name = self.subject.tags._default_manager, self.subject.key
        held = rows.filter(**{f"{name}__in": {id for id, _ in pairs}}, by__lte=Tagged.By.IMPORT)
        there = {*held.values_list(f"{name}_id", "tag_id")}
        return [pair for pair in pairs if pair not in there]

    def _tag_of(self, category: str, name: str) -> Tag:
        placed = self._placed(category, name)
        assert placed is not None
        key = fold(placed[0]), fold(placed[1])
        if key not in self._tags:
            if key[0] not in self._categories:
                self._categories[key[0]] = tags.make_category(placed[0])
            self._tags[key] = tags.make(self._categories[key[0]], placed[1])
        return self._tags[key]

    def _write_statuses(self, wanted: Mapping[int, Status], pen: Pen) -> set[int]:
        rows = self.subject.rows()
        held = rows.filter(pk__in=wanted).values_list("pk", "status_id", "status_source__as_of")
        newer = {id: wanted[id] for id, status, as_of in held if status != wanted[id].pk and _newer(pen.as_of, as_of)}
        for status in {*newer.values()}:
            ids = [id for id, each in newer.items() if each == status]
            rows.filter(pk__in=ids).update(status=status, status_source=pen.source(), status_since=timezone.now())
        return {*newer}


def _newer(day: date, held: Any) -> bool:
    return held is None or day >= held


def status_as_json(row: Any) -> dict[str, Any] | None:
    """The status of a company or contact with where it came from and since when; none where it has none."""
    if row.status is None:
        return None
    source = row.status_source
    return {
        "id": row.status_id, "name": row.status.name, "since": row.status_since, "source": source_words(source),
        "as_of": source.as_of if source else None,
    }  # fmt: skip


def tags_as_json(row: Any) -> list[dict[str, Any]]:
    """The tags of a company or contact, each with who put it and when, in the order of their names."""
    held = row.tags.select_related("tag__category", "source").order_by("tag__category__key", "tag__key")
    return [
        {
            "id": each.tag_id, "category": each.tag.category.name, "name": each.tag.name,
            "by": each.get_by_display(), "source": source_words(each.source), "at": each.at,
        }
        for each in held
    ]  # fmt: skip
