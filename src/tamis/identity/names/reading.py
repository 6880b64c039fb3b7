"""A name becomes words: folded, initials brought together, legal forms, places, numbers and links told apart."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from tamis.identity.folding import name_key
from tamis.identity.names.lexicon import CLOSING_FORMS, LEGAL_FORMS, LINKS, PHRASES
from tamis.identity.names.places import DEPARTMENTS, PLACES, Place


class Kind(StrEnum):
    """What a word is in a company's name."""

    WORD = "word"
    LINK = "link"
    FORM = "form"
    PLACE = "place"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word of a name, the stem by which it is looked up, and what kind of word it is."""

    text: str
    stem: str
    kind: Kind
    gives_initial: bool = True  # to an acronym: Association and Fondation do, SARL and numbers don't


@dataclass(frozen=True)
class Name:
    """A name as it was written, and its words in order; links (``de``, ``et``) are left out."""

    text: str
    words: tuple[Word, ...]

    @property
    def cut_off(self) -> bool:
        """Whether the name ends in a link, which shows that words were lost (``FEDERATION DES``)."""
        last = folded(self.text).split()[-1:]
        return bool(last) and len(last[0]) > 1 and last[0] in LINKS

    @cached_property
    def at_limit(self) -> bool:
        """Whether the name is as long as registers let names be, so that its end may be missing."""
        return len(self.text) in LIMITS

    @cached_property
    def initials(self) -> str:
        """The first letters of the words that give one to an acronym."""
        return "".join([word.text[0] for word in self.words if word.gives_initial])

    @property
    def content(self) -> tuple[Word, ...]:
        """The words that are not legal forms."""
        return tuple(word for word in self.words if word.kind is not Kind.FORM)

    @property
    def places(self) -> tuple[Place, ...]:
        """The places the name mentions, departments by their numbers too."""
        found = (place_of(word) for word in self.words if word.kind in (Kind.PLACE, Kind.NUMBER))
        return tuple(place for place in found if place)


LIMITS = range(38, 41)  # characters of a name in registers that cut names: 38 or 40, a space at the end lost or not
MAX_WORDS, MAX_LETTERS = 40, 60  # of a name, and of a word: what is longer is no name

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "xi": 11, "xii": 12}
_SPELLED = {
    "un": 1,
    "deux": 2,
    "trois": 3,
    "quatre": 4,
    "cinq": 5,
    "six": 6,
    "sept": 7,
    "huit": 8,
    "neuf": 9,
    "dix": 10,
}
_ENDINGS = (
    ("eaux", "eau"), ("aux", "al"), ("ales", "al"), ("ale", "al"), ("elles", "el"), ("elle", "el"),
    ("ienne", "ien"), ("aine", "ain"), ("aise", "ai"), ("oise", "oi"), ("iere", "ier"), ("euse", "eur"),
    ("trice", "teur"), ("ive", "if"), ("ee", "e"), ("ante", "ant"),
)  # fmt: skip
_ALL_ENDINGS = tuple(ending for ending, _ in _ENDINGS)

# What each character of Latin names becomes: found by folding it between two letters.
_SEPARATE = {code: name_key(f"a{chr(code)}a")[1:-1] for code in range(0x250)}
# What parts initials: T P, T.P., T & P; not yet T. P.: S.A. T.P. is two words.
_BETWEEN_INITIALS = re.compile(r"(?<=\b\w)(?: | {3,})(?=\w\b)")
_BETWEEN_INITIALS_APART = re.compile(r"(?<=\b\w) +(?=\w\b)")
_MARKED = frozenset(CLOSING_FORMS)
_CLOSERS = _MARKED | frozenset(LEGAL_FORMS)
_DIGIT = re.compile(r"\d")
_NUMBERED = re.compile(r"\b([a-z]{2,6})(0[1-9]|[1-8][0-9]|9[0-5]|2[ab]|97[1-6])\b")


def folded(name: str) -> str:
    """:func:`tamis.identity.folding.name_key`, by a table where one letter becomes one letter (nearly always)."""
    plain = name.translate(_SEPARATE)
    return plain.lower() if plain.isascii() else name_key(name)


def split_words(name: str) -> list[str]:
    """The words of a name as text: initials joined (``T. P.`` is ``tp``), fixed phrases made one, links left out.

    A department's number that closes a short word is taken off it (``FDSEA82``).
    A name made of nothing but links keeps them.
    """
    text = folded(name)
    words = text.split()
    if [*map(len, words)].count(1) > 1:
        words = _BETWEEN_INITIALS_APART.sub("", _BETWEEN_INITIALS.sub("", text)).split()
    if _DIGIT.search(text):
        words = _NUMBERED.sub(r"\1 \2", " ".join(words)).split()
    if not _PHRASE_HEADS.isdisjoint(words):
        words = list(_joined_phrases(words))
    if words and words[-1] in _CLOSERS and not _MARKED.isdisjoint(words):
        words = _closing_marked(words)
    if not LINKS.isdisjoint(words):
        words = [word for word in words if word not in LINKS] or words
    return words if len(text) <= MAX_LETTERS else [word[:MAX_LETTERS] for word in words[:MAX_WORDS]]


def _closing_marked(words: list[str]) -> list[str]:
    """The words with the forms that count only at the end marked there, but for a name that is nothing else."""
    first = len(words)
    while first > 1 and words[first - 1] in _CLOSERS:
        first -= 1
    return words[:first] + [CLOSING_FORMS.get(word, word) for word in words[first:]]


def read_name(name: str) -> Name:
    """The name's words, each with its kind and its stem."""
    return Name(name, tuple(map(read_word, split_words(name))))


def place_of(word: Word) -> Place | None:
    """The place a word names, if it does; a number may be a department's."""
    return PLACES.get(word.text) if word.kind is Kind.PLACE else DEPARTMENTS.get(word.text.zfill(2))


@lru_cache(maxsize=200_000)
def read_word(text: str) -> Word:
    """One folded word (or a place of several words) with its kind and its stem."""
    if text in LEGAL_FORMS:
        return Word(text, text, Kind.FORM, LEGAL_FORMS[text] in ("association", "foundation"))
    if text in PLACES:
        return Word(text, PLACES[text].name, Kind.PLACE)
    if text in _PLACES_IN_ONE_WORD:
        return read_word(_PLACES_IN_ONE_WORD[text])
    if text in LINKS:
        return Word(text, text, Kind.LINK, gives_initial=False)
    if (number := _number(text)) is not None:
        return Word(text, str(number), Kind.NUMBER, gives_initial=False)
    return Word(text, stem(text), Kind.WORD)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The word without its plural, and without its feminine where the ending shows one (``nationales``: national)."""
    if len(word) < 5:
        return word.removesuffix("x") if word.endswith("eaux") else word
    bare = word[:-1] if word[-1] == "s" and word[-2] != "s" else word
    if not bare.endswith(_ALL_ENDINGS):
        return bare
    ending, masculine = next(pair for pair in _ENDINGS if bare.endswith(pair[0]))
    return bare[: -len(ending)] + masculine


def _number(text: str) -> int | None:
    if text.isdecimal() and len(text) <= MAX_LETTERS:
        return int(text)
    return _ROMAN.get(text, _SPELLED.get(text))


def _phrases() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Every fixed phrase under its first word, longest first; registers leave links out (``MAINE LOIRE``)."""
    phrases = {tuple(text.split()): form for text, form in PHRASES.items()}
    for name in PLACES:
        words = tuple(name.split())
        phrases[words] = name
        phrases.setdefault(tuple(word for word in words if word not in LINKS), name)
    by_head: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for words, whole in sorted(phrases.items(), key=lambda phrase: -len(phrase[0])):
        if len(words) > 1:
            by_head.setdefault(words[0], []).append((words, whole))
    return by_head


_PHRASES = _phrases()
_PLACES_IN_ONE_WORD = {name.replace(" ", ""): name for name in PLACES if " " in name}
_PHRASE_HEADS = frozenset(_PHRASES)


def _joined_phrases(words: list[str]) -> Iterable[str]:
    at = 0
    while at < len(words):
        for phrase, whole in _PHRASES.get(words[at], ()):
            if tuple(words[at : at + len(phrase)]) == phrase:
                yield whole
                at += len(phrase)
                break
        else:
            yield words[at]
            at += 1
