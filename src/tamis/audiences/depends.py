"""What hangs on what: what audiences read and write, in which order they are refreshed, which cycles there are.

An audience writes its own members, and what its actions write: a tag, somebody's list, somebody's status, members of
another audience. One that reads such a thing must be refreshed afterwards, and nothing may hang on itself.
"""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Literal, NamedTuple

from tamis.rules import nodes
from tamis.rules.nodes import Node, Subject
from tamis.rules.vocabulary import Unknown, Vocabulary


class Thing(NamedTuple):
    """What can be read and written: the members of an audience, a tag on a subject, lists, or a subject's status."""

    kind: Literal["audience", "tag", "lists", "status"]
    subject: Subject | None = None
    id: int = 0


LISTS = Thing("lists")
"""The list, and with it the segment, of every company."""


def reads(rule: nodes.Rule, vocabulary: Vocabulary, exclusions: Iterable[int] = ()) -> frozenset[Thing]:
    """What a rule and its exclusions look at that audiences write; names that are unknown look at nothing."""
    found = {Thing("audience", None, each) for each in exclusions}
    waiting: list[tuple[Node, Subject]] = [(rule.where, rule.subject)]
    while waiting:
        node, subject = waiting.pop()
        there: Subject = subject
        match node:
            case nodes.InSegment() | nodes.InList():
                found.add(LISTS)
            case nodes.InAudience(name):
                found |= _audience(name, vocabulary)
            case nodes.HasTag(name, category):
                found |= _tags(name, category, subject, vocabulary)
            case nodes.Field("status", of_company):
                found.add(Thing("status", "companies" if of_company else subject))
            case nodes.HasContact():
                there = "contacts"
            case nodes.OfCompany():
                there = "companies"
            case nodes.Did() | nodes.Sequence() | nodes.Aggregate():
                continue  # within, fields are an event's
        waiting += [(each, there) for each in nodes.children(node)]
    return frozenset(found)


def _audience(name: str, vocabulary: Vocabulary) -> set[Thing]:
    try:
        return {Thing("audience", None, vocabulary.audience(name).id)}
    except Unknown:
        return set()


def _tags(name: str, category: str, subject: Subject, vocabulary: Vocabulary) -> set[Thing]:
    try:
        return {Thing("tag", subject, each.id) for each in vocabulary.tags_named(name, category)}
    except Unknown:
        return set()


class Cycle(Exception):
    """Audiences that hang on themselves, in the order in which each is read by the next, the first being the last."""

    def __init__(self, path: list[int]) -> None:
        super().__init__(path)
        self.path = path


def needs(reading: Mapping[int, frozenset[Thing]], writing: Mapping[int, frozenset[Thing]]) -> dict[int, set[int]]:
    """For each audience those that write what it reads, or add members to it and remove them."""
    writers: dict[Thing, set[int]] = {}
    for audience in {*reading, *writing}:
        for thing in {*writing.get(audience, ()), Thing("audience", None, audience)}:
            writers.setdefault(thing, set()).add(audience)
    return {
        audience: {w for thing in things for w in writers.get(thing, ())}
        | {w for w, written in writing.items() if Thing("audience", None, audience) in written}
        for audience, things in reading.items()
    }


def ordered(needs: Mapping[int, set[int]]) -> list[int]:
    """The audiences, each after those that it needs, else in their own order. Raises :class:`Cycle`."""
    sorter = TopologicalSorter({each: sorted(needs[each]) for each in needs})
    try:
        return list(sorter.static_order())
    except CycleError as error:
        raise Cycle(error.args[1]) from None


def with_needed(wanted: Iterable[int], needs: Mapping[int, set[int]]) -> set[int]:
    """These audiences, and all that they need."""
    found: set[int] = set()
    waiting = [*wanted]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += needs.get(each, ())
    return found
