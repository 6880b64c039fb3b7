"""Why two names are taken for one company's, or not, in words a marketer understands."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from tamis.identity.names.features import Comparison
from tamis.identity.names.likeness import How
from tamis.identity.names.reading import Kind, Word
from tamis.messages import Message, say


class Method(StrEnum):
    """How a name was recognised, by the least sure step."""

    SAME = "same-name"
    WORDS = "words"
    SPELLING = "spelling"
    ABBREVIATIONS = "abbreviations"
    ACRONYM = "acronym"


_METHODS = (
    (Method.ACRONYM, {How.ACRONYM}),
    (Method.ABBREVIATIONS, {How.ABBREVIATION, How.CUT, How.CONTRACTION, How.INITIAL}),
    (Method.SPELLING, {How.TYPO, How.JOINED, How.GLUED, How.FAMILY}),
)
_SHORTENED = (How.ABBREVIATION, How.CUT, How.CONTRACTION, How.INITIAL)


def method_of(names: Comparison) -> Method:
    """The method that the least sure link of the two names needed."""
    ways = {link.how for link in names.alignment.links if link.written and link.known}
    for method, needed in _METHODS:
        if ways & needed:
            return method
    return Method.SAME if is_same_name(names) else Method.WORDS


def is_same_name(names: Comparison) -> bool:
    """Whether the names have the same words, but for endings, spaces and legal forms."""
    unlinked = any(names.missing((Kind.WORD, Kind.PLACE, Kind.NUMBER)))
    return not unlinked and all(link.how in (How.SAME, How.ENDING, How.JOINED) for link in names.alignment.links)


def reasons_for(names: Comparison) -> Iterator[Message]:
    """What the two names have in common, strongest first."""
    if is_same_name(names):
        ours, theirs = names.forms
        yield say("même nom") if ours == theirs else say("même nom, à la forme juridique près")
        return
    if common := _pairs(names, (How.SAME, How.ENDING, How.MEANING)):
        yield say("mots communs : {words}", words=", ".join(one for one, _ in common))
    for one, other in _pairs(names, (How.ACRONYM,)):
        short, long = sorted((one, other), key=len)
        yield say("« {acronym} » est le sigle de « {words} »", acronym=short.upper(), words=long)
    if shortened := _pairs(names, _SHORTENED):
        yield say("abréviations : {pairs}", pairs=_equations(shortened))
    if within := _pairs(names, (How.WITHIN,)):
        yield say("lieux voisins : {pairs}", pairs=", ".join(f"{one} / {other}" for one, other in within))
    if joined := _pairs(names, (How.JOINED, How.GLUED)):
        yield say("mots attachés ou séparés : {pairs}", pairs=_equations(joined))
    if alike := _pairs(names, (How.TYPO, How.FAMILY)):
        yield say("orthographe voisine : {pairs}", pairs=_equations(alike))


def reasons_against(names: Comparison) -> Iterator[Message]:
    """What only one of the two names has, or what contradicts."""
    if names.other_places:
        ours, theirs = (
            ", ".join(place.name for place in name.places) for name in (names.alignment.written, names.alignment.known)
        )
        yield say("lieux différents : {ours} et {theirs}", ours=ours, theirs=theirs)
    ours_forms, their_forms = names.forms
    if ours_forms and their_forms and not ours_forms & their_forms:
        yield say(
            "formes juridiques différentes : {ours} et {theirs}",
            ours=_listed(ours_forms), theirs=_listed(their_forms),
        )  # fmt: skip
    ours_missing, theirs_missing = names.missing((Kind.WORD, Kind.PLACE, Kind.NUMBER))
    if ours_missing:
        yield say("écrit, mais absent du nom officiel : {words}", words=_texts(ours_missing))
    if theirs_missing:
        yield say("dans le nom officiel, mais pas écrit : {words}", words=_texts(theirs_missing))


def _pairs(names: Comparison, ways: Sequence[How]) -> list[tuple[str, str]]:
    written, known = names.alignment.written.words, names.alignment.known.words
    return [
        (_texts([written[at] for at in link.written], " "), _texts([known[at] for at in link.known], " "))
        for link in sorted(names.alignment.links, key=lambda link: link.written)
        if link.how in ways and link.written and link.known
    ]


def _equations(pairs: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{short} = {long}" for short, long in (sorted(pair, key=len) for pair in pairs))


def _texts(words: Sequence[Word], between: str = ", ") -> str:
    return between.join(word.text.strip("()") for word in words)


def _listed(forms: set[str]) -> str:
    return ", ".join(sorted(form.strip("()").upper() for form in forms))
