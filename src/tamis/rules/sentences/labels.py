"""Fields and properties by the labels that people know them by, in the language of the moment."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from tamis.identity.folding import fold
from tamis.messages import Message
from tamis.rules.errors import RuleError
from tamis.rules.sentences.lexing import Token, tokens
from tamis.rules.vocabulary import Word

_Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True)
class Labels:
    """Words by the words of their labels, and by their labels in quotation marks.

    In quotation marks the users' own come first, without them the built-in ones: where both have a label, it is the
    others that have to be written the other way.
    """

    bare: dict[_Key, list[Word]]
    quoted: dict[str, list[Word]]
    shown: tuple[str, ...]
    longest: int

    @classmethod
    def of(cls, words: Iterable[Word]) -> "Labels":
        """The labels of some words."""
        some = [*words]
        own = [each for each in some if not isinstance(each.label, Message)]
        built_in = [each for each in some if isinstance(each.label, Message)]
        bare: dict[_Key, list[Word]] = defaultdict(list)
        quoted: dict[str, list[Word]] = defaultdict(list)
        for group in (built_in, own):
            taken = {*bare}
            for each in group:
                if (key := _key(str(each.label))) and key not in taken:
                    bare[key].append(each)
        for group in (own, built_in):
            seen = {*quoted}
            for each in group:
                if fold(str(each.label)) not in seen:
                    quoted[fold(str(each.label))].append(each)
        return cls(bare, quoted, tuple(str(each.label) for each in some), max(map(len, bare), default=0))

    def at(self, behind: list[Token]) -> list[tuple[Word, int]]:
        """Every word whose label stands at the beginning of some tokens, with how many tokens it has."""
        if behind and behind[0].text is not None:
            return [(word, 1) for word in self.quoted.get(fold(behind[0].text), ())]
        found = []
        for length in range(1, min(self.longest, len(behind)) + 1):
            found += [(word, length) for word in self.bare.get(_of(behind[:length]), ())]
        return found


def _key(label: str) -> _Key:
    try:
        key = _of(tokens(label))
    except RuleError:  # a label of somebody's own, with a quotation mark or a number that no sentence has
        return ()
    return () if None in key else key


def _of(some: list[Token]) -> _Key:
    return tuple(each.word or each.number for each in some)
