"""Templates of sentences, found in what somebody typed: words that stand there, and places that something fills.

Whatever does not fit is noted with the words that would have: of all notes, the one farthest into the sentence tells
where it stopped making sense.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeAlias

from tamis.errors import did_you_mean
from tamis.messages import Message, language, say
from tamis.rules.errors import RuleError
from tamis.rules.nodes import Span
from tamis.rules.sentences.lexing import Token, tokens

Found: TypeAlias = tuple[Any, int]
"""What was read, and the number of the token behind it."""
Place: TypeAlias = Callable[[int, Mapping[str, Any]], Iterable[Found]]
"""What may fill a place: of a token and of what fills the places before, everything that can be read there."""

MOST_SHOWN = 12
TEXT = say("un texte entre guillemets")
_PLACE = re.compile(r"[«“]?\s*\{(\w+)\}\s*[»”]?")


@dataclass(frozen=True)
class Words:
    """Words of a template as they are compared, and how each reads with those behind it, after its article or bare."""

    tokens: tuple[Token, ...]
    shown: tuple[str, ...]
    bare: tuple[str, ...]


Part: TypeAlias = Words | str
"""Words, or the name of a place."""


def parts_of(template: Message) -> Sequence[Sequence[Part]]:
    """The parts of a template in the language of the moment: once, or for one and for many."""
    return _parts(template.text, template.many, language.get())


@cache
def _parts(text: str, many: str | None, _language: str) -> Sequence[Sequence[Part]]:
    return tuple(dict.fromkeys(tuple(_cut(each)) for each in Message(text, {}, many).templates))


def _cut(template: str) -> Iterator[Part]:
    pieces = _PLACE.split(template)
    for number, piece in enumerate(pieces):
        if number % 2:
            yield piece
        elif found := tokens(piece):
            starts, places = [0, *(each.at.end for each in found)], [each.at.start for each in found]
            shown, meant = ([piece[start:].strip() for start in some] for some in (starts[:-1], places))
            yield Words(tuple(found), tuple(shown), tuple(meant))


def link_of(template: Message) -> Words:
    """The word between the two places of a template."""
    ((_, words, _),) = parts_of(template)
    assert isinstance(words, Words)
    return words


@dataclass
class Sentence:
    """The tokens of a sentence while it is read, and what was looked for where it stopped making sense."""

    text: str
    tokens: list[Token]
    farthest: int = 0
    expected: dict[str, bool] = field(default_factory=dict)
    meant: dict[str, None] = field(default_factory=dict)
    refused: tuple[str, Message, Span] | None = None

    @classmethod
    def of(cls, text: str) -> "Sentence":
        """A sentence in the language of the moment. Raises as :func:`~tamis.rules.sentences.lexing.tokens`."""
        return cls(text, tokens(text))

    def token(self, at: int) -> Token | None:
        """The token of a number; none behind the end."""
        return self.tokens[at] if at < len(self.tokens) else None

    def span(self, first: int, end: int) -> Span:
        """The place of some tokens in the sentence."""
        if first >= end:
            return Span(0, 0)
        return Span(self.tokens[first].at.start, self.tokens[end - 1].at.end)

    # What was looked for

    def _reached(self, at: int) -> bool:
        if at > self.farthest:
            self.farthest, self.expected, self.meant, self.refused = at, {}, {}, None
        return at == self.farthest

    def wanted(self, at: int, shown: Message | str, words: Iterable[str] = ()) -> None:
        """Note what could have stood at a token: as it is shown, and the words that may have been meant."""
        if self._reached(at):
            self.expected[str(shown)] = isinstance(shown, str)
            self.meant.update(dict.fromkeys(words or (str(shown),)))

    def refuse(self, at: int, code: str, reason: Message, span: Span) -> None:
        """Note why what was read up to a token is not taken."""
        if self._reached(at) and self.refused is None:
            self.refused = (code, reason, span)

    # What is there

    def words(self, words: Words, at: int) -> int | None:
        """The number of the token behind these words, when they stand there."""
        behind = 0
        for number, each in enumerate(words.tokens):
            here = self.token(at)
            if here is not None and _same(here, each):
                at, behind = at + 1, number + 1
            elif not each.optional:
                self.wanted(at, words.shown[behind], (words.bare[behind], words.bare[number]))
                return None
        return at

    def phrase(self, template: Message, at: int, **places: Place) -> list[tuple[dict[str, Any], int]]:
        """Every way to find a template at a token: what fills its places, and the number of the token behind."""
        found = []
        for parts in parts_of(template):
            states: list[tuple[dict[str, Any], int]] = [({}, at)]
            for part in parts:
                states = [*self._one(part, states, places)]
            found += states
        return found

    def _one(
        self, part: Part, states: list[tuple[dict[str, Any], int]], places: Mapping[str, Place]
    ) -> Iterator[tuple[dict[str, Any], int]]:
        for filled, at in states:
            if isinstance(part, str):
                for value, end in places[part](at, filled):
                    yield {**filled, part: value}, end
            elif (behind := self.words(part, at)) is not None:
                yield filled, behind

    # What is said of it

    def error(self) -> RuleError:
        """Why the sentence cannot be read: at the farthest place that was reached, what could stand there."""
        if self.refused is not None:
            code, reason, span = self.refused
            return RuleError(code, reason, self.text, span)
        here, listed = self.token(self.farthest), self._listed()
        if here is None:
            end = len(self.text.rstrip())
            reason = say("la phrase s'arrête trop tôt ; on attend : {words}", words=listed)
            return RuleError("rule.sentence", reason, self.text, Span(end, end + 1))
        found, hint = self.text[here.at.start : here.at.end][:40], self._hint()
        if not hint and str(TEXT) in self.expected and here.word:
            reason = say("« {found} » n'est pas attendu ici : un texte s'écrit entre guillemets. On attend : {words}",
                         found=found, words=listed)  # fmt: skip
        else:
            reason = say("« {found} » n'est pas attendu ici.{hint} On attend : {words}", found=found, hint=hint,
                         words=listed)  # fmt: skip
        return RuleError("rule.sentence", reason, self.text, here.at)

    def _listed(self) -> str:
        """What could have stood there; of words that begin alike, the beginning."""
        begun = Counter(each.split()[0] for each, words in self.expected.items() if words)
        shown = [*dict.fromkeys(
            f"{first} …" if words and begun[first] > 1 else each
            for each, words in self.expected.items() for first in (each.split()[0],)
        )]  # fmt: skip
        return ", ".join(shown[:MOST_SHOWN]) + (" …" if len(shown) > MOST_SHOWN else "")

    def _hint(self) -> Message | str:
        """What may have been meant: of the known words that begin nearly as what was typed, the nearest."""
        at = self.tokens[self.farthest].at
        begun: dict[str, list[str]] = {}
        for each in self.meant:
            begun.setdefault(each.split()[0].casefold(), []).append(each)
        hint = did_you_mean(self.text[at.start : at.end], begun)
        if not isinstance(hint, Message):
            return ""
        known = begun[str(hint.values["word"])]
        typed = self.text[at.start :].split()
        near = known if len(known) == 1 else [
            each for each in known if get_close_matches(" ".join(typed[: len(each.split())]), [each], cutoff=0.75)
        ]  # fmt: skip
        return Message(hint.text, {"word": near[0] if near else known[0].split()[0]})


def _same(typed: Token, wanted: Token) -> bool:
    if wanted.word:
        return typed.word == wanted.word
    return wanted.number is not None and typed.number == wanted.number
