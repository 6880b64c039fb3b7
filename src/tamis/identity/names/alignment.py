"""Which words of one name answer which words of the other.

Surest first: equal words, then words joined or split, then words alike (abbreviated, cut, mistyped), then acronyms for
what is left. Each word answers once, except that an acronym may stand beside the words it abbreviates.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tamis.identity.names.lexicon import ACRONYMS, GLUED
from tamis.identity.names.likeness import How, Likeness, likeness, may_mean_the_same
from tamis.identity.names.reading import Kind, Name, Word, read_word, stem

BEGUN = 0.9  # how surely the last word of a name cut off is the word it begins
MIN_ACRONYM, MAX_ACRONYM = 2, 8

Places: TypeAlias = tuple[int, ...]
Span: TypeAlias = tuple[Places, float]


@dataclass(frozen=True, slots=True)
class Link:
    """Words of the written name (by position) that answer words of the known one, how, and how surely."""

    written: Places
    known: Places
    how: How
    sure: float


@dataclass(slots=True)
class Alignment:
    """All links between a written and a known name."""

    written: Name
    known: Name
    links: list[Link] = field(default_factory=list)
    free_written: list[int] = field(default_factory=list)
    free_known: list[int] = field(default_factory=list)

    def add(self, written: Places, known: Places, how: How, sure: float) -> None:
        """Link these words, which are then no longer free."""
        self.links.append(Link(written, known, how, sure))
        for at in written:
            self.free_written.remove(at)
        for at in known:
            self.free_known.remove(at)


def align(written: Name, known: Name) -> Alignment:
    """The links between two names, surest first."""
    found = Alignment(written, known, [], list(range(len(written.words))), list(range(len(known.words))))
    _same(found)
    if found.free_written or found.free_known:
        _acronyms_beside(found)
    if found.free_written and found.free_known:
        _begun(found)
        _joined(found)
        _alike(found)
        _acronyms(found)
    return found


def _same(found: Alignment) -> None:
    """Equal words, in order."""
    texts = [word.text for word in found.known.words]
    for at, word in enumerate(found.written.words):
        if word.text not in texts:
            continue
        for other in found.free_known:
            if texts[other] == word.text:
                found.add((at,), (other,), How.SAME, 1.0)
                break


def _begun(found: Alignment) -> None:
    """The last word of a name cut off, and the word it begins."""
    last = len(found.written.words) - 1
    if not found.written.at_limit or last not in found.free_written:
        return
    begun = found.written.words[last].text
    for at in found.free_known:
        if found.known.words[at].text.startswith(begun):
            found.add((last,), (at,), How.CUT, BEGUN)
            return


def _joined(found: Alignment) -> None:
    """Two or three neighbours on one side written as one word on the other (``sud ouest``, ``sudouest``)."""
    written, known = found.written.words, found.known.words
    for run in list(_runs(found.free_written)):
        for at in found.free_known:
            if (sure := _one_word(written, run, known[at])) and set(run) <= set(found.free_written):
                found.add(run, (at,), How.JOINED, sure)
                break
    for run in list(_runs(found.free_known)):
        for at in found.free_written:
            if (sure := _one_word(known, run, written[at])) and set(run) <= set(found.free_known):
                found.add((at,), run, How.JOINED, sure)
                break


def _runs(free: Sequence[int]) -> Iterator[Places]:
    for size in (3, 2):
        for at in range(len(free) - size + 1):
            if free[at + size - 1] - free[at] == size - 1:
                yield tuple(free[at : at + size])


def _one_word(words: Sequence[Word], run: Places, whole: Word) -> float:
    if words[run[0]].text[0] != whole.text[0] and words[run[-1]].text[-1] != whole.text[-1]:
        return 0.0
    joined = "".join(words[at].text for at in run)
    if _glued(whole.text, [words[at].text for at in run]):
        return 0.97
    if joined == whole.text.replace(" ", ""):
        return 0.97
    if whole.kind is Kind.PLACE and len(joined) > 5 and whole.text.replace(" ", "").startswith(joined):
        return 0.9
    if abs(len(joined) - len(whole.text)) > 2 or min(len(joined), len(whole.text)) < 6:
        return 0.0
    like = likeness(read_word(joined), whole)
    return 0.95 * like[1] if like and like[0] in (How.TYPO, How.ENDING) else 0.0


def _glued(whole: str, words: list[str]) -> bool:
    """Whether these words, and nothing but links or legal forms between them, make the whole (``labanquepostale``)."""
    if not words:
        return not whole
    if whole.startswith(words[0]) and _glued(whole[len(words[0]) :], words[1:]):
        return True
    stuck = (whole[:size] for size in range(1, min(5, len(whole))))
    return any(_glued(whole[len(link) :], words) for link in stuck if link in GLUED)


def _alike(found: Alignment) -> None:
    """The surest pairs among the free words, in order of sureness, then of nearness in the name."""
    pairs: list[tuple[float, int, int, int, How]] = []
    for at in found.free_written:
        for other in found.free_known:
            like = _like(found.written.words[at], found.known.words[other])
            if like:
                pairs.append((-like[1], abs(at - other), at, other, like[0]))
    for negative, _, at, other, how in sorted(pairs):
        if at in found.free_written and other in found.free_known:
            found.add((at,), (other,), how, -negative)


def _like(one: Word, other: Word) -> Likeness | None:
    if one.kind is other.kind is Kind.FORM:
        return None
    ours, theirs = one.text, other.text
    if (
        ours[0] != theirs[0]
        and ours[-1] != theirs[-1]
        and ours[1:2] != theirs[1:2]
        and ours[1:2] != theirs[:1]
        and theirs[1:2] != ours[:1]
        and not may_mean_the_same(one, other)
    ):
        return None
    if Kind.FORM in (one.kind, other.kind) and ours.strip("()") == theirs.strip("()"):
        return How.ENDING, 0.9
    like = likeness(one, other)
    if like and Kind.FORM in (one.kind, other.kind) and like[0] not in (How.TYPO, How.CUT):
        return None
    return like if like and like[1] > 0 else None


def _acronyms(found: Alignment) -> None:
    """A free word that is made of the first letters of free words on the other side."""
    for at in list(found.free_written):
        span = _mostly_free(found.written.words[at], found.known, found.free_known)
        if span and at in found.free_written:
            found.add((at,), span[0], How.ACRONYM, span[1])
    for at in list(found.free_known):
        span = _mostly_free(found.known.words[at], found.written, found.free_written)
        if span and at in found.free_known:
            found.add(span[0], (at,), How.ACRONYM, span[1])


def _mostly_free(acronym: Word, name: Name, free: list[int]) -> Span | None:
    """The free words an acronym stands for; some of its words may stand beside it too (``FFC CARROSSERIE``)."""
    if not free or not _may_be_acronym(acronym, name):
        return None
    if span := spelled_by(acronym, name, free):
        return span
    span = spelled_by(acronym, name, range(len(name.words)))
    still = tuple(at for at in span[0] if at in free) if span else ()
    return (still, 0.9 * span[1]) if span and 2 * len(still) >= len(span[0]) else None


def _acronyms_beside(found: Alignment) -> None:
    """An acronym that stands beside its own words on one side adds nothing to either name (``... TP - FNTP``)."""
    for at in list(found.free_written):
        if _beside(found.written, at):
            found.add((at,), (), How.ACRONYM, 1)
    for at in list(found.free_known):
        if _beside(found.known, at):
            found.add((), (at,), How.ACRONYM, 1)
    _full_beside_acronym(found)


def _beside(name: Name, at: int) -> bool:
    acronym = name.words[at]
    if not 3 <= len(acronym.text) <= MAX_ACRONYM or len(name.words) < 4:
        return False
    if acronym.text not in ACRONYMS and acronym.text[:2] not in name.initials:
        return False
    span = spelled_by(acronym, name, [place for place in range(len(name.words)) if place != at])
    return span is not None and len(span[0]) > 2


def _full_beside_acronym(found: Alignment) -> None:
    """When only the acronym was written, the words beside it in the known name are answered too.

    And the reverse; but written out on both sides, the two readings are compared.
    """
    if len(found.free_known) < 2 and len(found.free_written) < 2:
        return
    for link in list(found.links):
        if link.how is not How.SAME:
            continue
        known = spelled_by(found.known.words[link.known[0]], found.known, found.free_known)
        written = spelled_by(found.written.words[link.written[0]], found.written, found.free_written)
        if known and not written:
            found.add((), known[0], How.ACRONYM, 1)
        elif written and not known:
            found.add(written[0], (), How.ACRONYM, 1)


def spelled_by(acronym: Word, name: Name, free: Sequence[int]) -> Span | None:
    """The free words of a name whose first letters make the acronym, and how surely; ``None`` when none do.

    Known acronyms are sure. Otherwise every letter must begin a word (0.9), or some words give more than one letter
    or one is skipped (0.75, from four letters on).
    """
    if len(free) < 2 or not _may_be_acronym(acronym, name):
        return None
    letters = acronym.text
    known = ACRONYMS.get(letters)
    usable = [at for at in free if name.words[at].gives_initial]
    if known and (span := _known_acronym(known, name.words, usable)):
        return span, 0.97
    if span := _initials(letters, name, acronym, usable):
        return span, 0.9 if len(letters) > 2 else 0.7
    if len(letters) >= 4:
        for start in range(min(2, len(usable) - 2)):
            if name.words[usable[start]].text[0] != letters[0]:
                continue
            if span := _loose(letters, name.words, tuple(usable[start:])):
                return span, 0.75
    return None


def _may_be_acronym(word: Word, name: Name) -> bool:
    """Whether a word is short enough, and begins like one of the name's words, or is a known acronym."""
    letters = word.text
    if not MIN_ACRONYM <= len(letters) <= MAX_ACRONYM or word.kind is not Kind.WORD:
        return False
    return letters[0] in name.initials or letters in ACRONYMS


def _initials(letters: str, name: Name, acronym: Word, usable: Sequence[int]) -> Places | None:
    """Neighbours whose first letters are the acronym's, one each; linked words are not jumped over."""
    size = len(letters)
    if size > len(usable) or (size < 3 and len(usable) != size):
        return None
    if letters not in name.initials and not any(word is acronym for word in name.words):
        return None
    content = [at for at, word in enumerate(name.words) if word.gives_initial and word is not acronym]
    for start in range(len(content) - size + 1):
        span = tuple(content[start : start + size])
        if all(name.words[at].text[0] == letter for at, letter in zip(span, letters, strict=True)):
            return span if set(span) <= set(usable) else None
    return None


def _known_acronym(meant: Sequence[str], words: Sequence[Word], usable: Sequence[int]) -> Places | None:
    spelled: list[int] = []
    for full in meant:
        at = next((at for at in usable if at not in spelled and _answers(words[at], full)), None)
        if at is None:
            return None
        spelled.append(at)
    return tuple(spelled)


def _answers(word: Word, full: str) -> bool:
    if word.stem == stem(full):
        return True
    like = likeness(word, read_word(full))
    return like is not None and like[0] in (How.ABBREVIATION, How.CUT)


def _loose(letters: str, words: Sequence[Word], usable: Places) -> Places | None:
    """Words in order that give one to four first letters each, at least three of them.

    One word may be skipped, or one letter be a link's (``CDCF``: conseil *du* commerce de France).
    """

    def give(rest: str, at: int, skips: int) -> Places | None:
        if not rest:
            return ()
        if at == len(usable):
            return None
        text = words[usable[at]].text
        for taken in range(1, min(4, len(rest)) + 1):
            if text[:taken] != rest[:taken]:
                break
            if (tail := give(rest[taken:], at + 1, skips)) is not None:
                return (usable[at], *tail)
        if not skips:
            return None
        if at and rest[0] in "deap" and (tail := give(rest[1:], at, skips - 1)) is not None:
            return tail
        return give(rest, at + 1, skips - 1)

    span = give(letters, 0, 1)
    return span if span and len(span) >= 3 else None
