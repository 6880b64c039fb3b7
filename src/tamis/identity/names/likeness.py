"""How two words can be the same word, and how sure that is (1 = certain)."""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from rapidfuzz.distance import OSA, Prefix

from tamis.identity.names.lexicon import ABBREVIATIONS, GLUED, SAME_MEANING
from tamis.identity.names.reading import Kind, Word, place_of, read_word, stem


class How(StrEnum):
    """The ways in which one word answers another, or several words one."""

    SAME = "same"
    ENDING = "ending"
    ABBREVIATION = "abbreviation"
    CUT = "cut"
    MEANING = "meaning"
    JOINED = "joined"
    GLUED = "glued"
    TYPO = "typo"
    ACRONYM = "acronym"
    FAMILY = "family"
    CONTRACTION = "contraction"
    INITIAL = "initial"
    WITHIN = "within"


Likeness: TypeAlias = tuple[How, float]

WITHIN = 0.6  # how surely a place means one that it lies in
MIN_CUT = 3  # letters that must stay of a cut word

_EXPANSIONS = {short: frozenset(map(stem, longs)) for short, longs in ABBREVIATIONS.items()}
_MEANINGS = {stem(word): group for group in SAME_MEANING for word in group}


@lru_cache(maxsize=500_000)
def likeness(one: Word, other: Word) -> Likeness | None:
    """The surest way in which the two words are the same, or ``None``."""
    if one.text == other.text:
        return How.SAME, 1.0
    short, long = sorted((one, other), key=lambda word: len(word.text))
    for way in _WAYS:
        if found := way(short, long):
            return found
    return None


def may_mean_the_same(one: Word, other: Word) -> bool:
    """Whether the two can be the same word without a letter in common: numbers, places, words of one meaning."""
    return (
        one.kind is not Kind.WORD or other.kind is not Kind.WORD or (one.stem in _MEANINGS and other.stem in _MEANINGS)
    )


def expansions(text: str) -> frozenset[str]:
    """The stems a known abbreviation may stand for."""
    return _EXPANSIONS.get(text, frozenset())


def typing_errors_allowed(letters: int) -> int:
    """How many typing errors a word of so many letters may have: none below three, two from nine on."""
    return (letters >= 3) + (letters >= 9)


def cut_sureness(kept: int, letters: int) -> float:
    """How sure a cut word is: the more letters stay the surer, but nobody cuts just one or two."""
    return min(0.95, 0.62 + 0.06 * kept) - 0.08 * (letters - kept < 3)


def typo_sureness(letters: int, errors: int) -> float:
    """How sure a mistyped word is, by the length of the shorter of the two."""
    return 1 - (0.6 if letters > 4 else 1.3) * errors / letters


def _same_number(short: Word, long: Word) -> Likeness | None:
    """Numbers are equal or not: ``II`` is 2, whatever the letters."""
    if short.kind is long.kind is Kind.NUMBER:
        return (How.SAME, 1.0) if short.stem == long.stem else _NOT
    return None


def _place(short: Word, long: Word) -> Likeness | None:
    """A place by another name, or within the other: 82 is Tarn-et-Garonne, Lyon lies in the Rhône."""
    if not {short.kind, long.kind} <= {Kind.NUMBER, Kind.PLACE}:
        return None
    one, other = place_of(short), place_of(long)
    if one is None or other is None or not one.meets(other):
        return _NOT
    if one.name == other.name:
        return (How.ENDING, 0.97) if short.kind is long.kind else (How.MEANING, 0.9)
    return How.WITHIN, WITHIN


def _same_stem(short: Word, long: Word) -> Likeness | None:
    """Singular and plural, masculine and feminine."""
    if short.stem == long.stem:
        return How.ENDING, 0.97
    return None


def _glued(short: Word, long: Word) -> Likeness | None:
    """A link or a legal form stuck to the word, as in ``laposte`` or ``sarldupont``."""
    if len(short.text) < 4 or not long.text.endswith(short.text):
        return None
    return (How.GLUED, 0.9) if long.text[: -len(short.text)] in GLUED else None


def _same_meaning(short: Word, long: Word) -> Likeness | None:
    """Two words for one thing, as ville and commune."""
    return (How.MEANING, 0.8) if long.stem in _MEANINGS.get(short.stem, ()) else None


def _abbreviation(short: Word, long: Word) -> Likeness | None:
    """A usual abbreviation of the other word, or two abbreviations of one."""
    meant = expansions(short.text)
    if long.stem in meant or (meant and meant & expansions(long.text)):
        return How.ABBREVIATION, 0.95
    return None


def _cut(short: Word, long: Word) -> Likeness | None:
    """The beginning of the other word; the more letters stay, the surer."""
    kept = len(short.text)
    if kept < MIN_CUT or not long.text.startswith(short.text) or not long.text[kept:].isalpha():
        return None
    if long.kind is Kind.PLACE and kept < 0.6 * len(long.text):
        return None
    return How.CUT, cut_sureness(kept, len(long.text))


def _typo(short: Word, long: Word) -> Likeness | None:
    """A letter too many, too few, wrong or swapped; two in long words."""
    allowed = typing_errors_allowed(len(short.text))
    if not allowed or len(long.text) - len(short.text) > allowed or _digits(short.text) != _digits(long.text):
        return None
    errors = OSA.distance(short.text, long.text, score_cutoff=allowed)
    return (How.TYPO, typo_sureness(len(short.text), errors)) if errors <= allowed else None


def _digits(text: str) -> str:
    return "" if text.isalpha() else "".join(filter(str.isdigit, text))


def _family(short: Word, long: Word) -> Likeness | None:
    """The same beginning with another ending, as in menuiserie and menuisier."""
    if _digits(short.text) != _digits(long.text):
        return None
    common = Prefix.similarity(short.text, long.text)
    return (How.FAMILY, 0.7) if common >= 5 and common >= 0.6 * len(long.text) else None


def _contraction(short: Word, long: Word) -> Likeness | None:
    """Some letters of the other word in order, its first and its last among them (``grpt``, ``bdx``)."""
    letters, whole = short.text, long.text
    if not 3 <= len(letters) <= 6 or len(whole) < len(letters) + 2 or letters[0] != whole[0]:
        return None
    if letters[-1] not in whole[-2:] or set("aeiouy") & set(letters[1:-1]):
        return None
    rest = iter(whole)
    return (How.CONTRACTION, 0.7) if all(letter in rest for letter in letters) else None


def _initial(short: Word, long: Word) -> Likeness | None:
    """A single letter for a word that begins with it, as J for Jean."""
    return (How.INITIAL, 0.5) if len(short.text) == 1 and long.text[0] == short.text else None


_NOT: Likeness = (How.INITIAL, 0.0)
_WAYS: tuple[Callable[[Word, Word], Likeness | None], ...] = (
    _same_number, _place, _same_stem, _glued, _abbreviation, _same_meaning, _cut, _typo,
    _family, _contraction, _initial,
)  # fmt: skip


def text_likeness(one: str, other: str) -> Likeness | None:
    """:func:`likeness` of two words given as text."""
    return likeness(read_word(one), read_word(other))
