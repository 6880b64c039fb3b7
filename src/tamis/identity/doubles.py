"""Are two known companies one? The evidence for it, feature by feature, each with a weight one can read.

What speaks for it adds up as independent signs do: the score is 1 − Π (1 − weight). What speaks against takes a share
of it away. Two companies with different SIREN are two, whatever else they share.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from tamis.identity.names.index import NameIndex
from tamis.identity.names.matcher import REVIEW, Match, compare
from tamis.messages import Message, in_turn, say

PROPOSED = 0.60  # score from which on a pair is shown to a person


@dataclass(frozen=True)
class Facts:
    """What is known of a company that tells it from others; places are folded."""

    id: int
    sirens: frozenset[str]
    names: tuple[str, ...]
    hosts: frozenset[str]
    domain_keys: frozenset[str]
    postal_code: str = ""
    department: str = ""
    address: str = ""


@dataclass(frozen=True)
class Sign:
    """Something that two companies have in common (a positive weight) or that sets them apart (a negative one)."""

    weight: float
    evidence: Message


@dataclass(frozen=True)
class Double:
    """Two companies that may be one, with a score from 0 to 1 and the evidence."""

    one: int
    other: int
    score: float
    evidence: Message


def same_company(index: NameIndex, one: Facts, other: Facts) -> Double | None:
    """The two as a double when the evidence is worth a person's look, else ``None``."""
    if one.sirens and other.sirens and not one.sirens & other.sirens:
        return None
    signs = [sign for feature in FEATURES if (sign := feature(index, one, other))]
    reached = score(signs)
    if reached < PROPOSED:
        return None
    first, second = sorted((one.id, other.id))
    return Double(first, second, reached, in_turn([sign.evidence for sign in signs]))


def score(signs: Sequence[Sign]) -> float:
    """One minus the product of what each sign leaves open, less the share that each contradiction takes."""
    unlikely = reduce(lambda left, sign: left * (1 - sign.weight), (s for s in signs if s.weight > 0), 1.0)
    return reduce(lambda left, sign: left * (1 + sign.weight), (s for s in signs if s.weight < 0), 1 - unlikely)


def near_names(index: NameIndex, one: Facts, other: Facts) -> Sign | None:
    """Any name of one is like any name of the other: four fifths of their likeness."""
    best = max(_compared(index, one, other), key=lambda match: match.score, default=None)
    if best is None or best.score < REVIEW:
        return None
    return Sign(0.8 * best.score, in_turn([*best.evidence, *best.doubts]))


def _compared(index: NameIndex, one: Facts, other: Facts) -> Iterator[Match]:
    for ours in one.names:
        for theirs in other.names:
            yield compare(index, ours, theirs)
            yield compare(index, theirs, ours)


def same_host(index: NameIndex, one: Facts, other: Facts) -> Sign | None:
    """They share a host; companies of a group do too."""
    shared = one.hosts & other.hosts
    return Sign(0.5, say("même hôte : {host}", host=min(shared))) if shared else None


def same_domain(index: NameIndex, one: Facts, other: Facts) -> Sign | None:
    """They share a registrable domain, at different hosts."""
    shared = one.domain_keys & other.domain_keys
    if not shared or one.hosts & other.hosts:
        return None
    return Sign(0.35, say("même domaine : {domain}", domain=min(shared)))


def same_address(index: NameIndex, one: Facts, other: Facts) -> Sign | None:
    """They are at one address, or at least in one postal code."""
    if not one.postal_code or one.postal_code != other.postal_code:
        return None
    if one.address and one.address == other.address:
        return Sign(0.45, say("même adresse"))
    return Sign(0.2, say("même code postal : {code}", code=one.postal_code))


def other_domain(index: NameIndex, one: Facts, other: Facts) -> Sign | None:
    """Both have domains, and none in common: a fifth less."""
    if not (one.domain_keys and other.domain_keys) or one.domain_keys & other.domain_keys:
        return None
    return Sign(-0.2, say("domaines différents"))


def other_department(index: NameIndex, one: Facts, other: Facts) -> Sign | None:
    """They are in different departments: a tenth less, as a company has several addresses."""
    if not (one.department and other.department) or one.department == other.department:
        return None
    ours, theirs = sorted((one.department, other.department))
    return Sign(-0.1, say("départements différents : {ours} et {theirs}", ours=ours, theirs=theirs))


Feature = Callable[[NameIndex, Facts, Facts], Sign | None]
FEATURES: tuple[Feature, ...] = (near_names, same_host, same_domain, same_address, other_domain, other_department)
