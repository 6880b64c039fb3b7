"""What somebody typed, cut into words, numbers, days and quoted texts, each with its place.

Words are compared as :attr:`Token.word` has them: folded, elided articles whole (« d' » is « de »), without the « s »
of a plural; articles are no words at all. Templates are cut in the same way, so that the two meet.
"""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NoReturn

from tamis.identity.folding import fold
from tamis.messages import Message, language, say
from tamis.rules.errors import RuleError
from tamis.rules.nodes import Span
from tamis.rules.parsing import DEEPEST, LONGEST, WIDEST

LONGEST_SENTENCE = 3 * LONGEST
"""Characters of a sentence: it is longer than the text of the same rule."""

_CLOSING = {"«": "»", "“": "”", "„": "”", '"': '"'}
_BLANK = " \u00a0\u202f\u2009"
_LETTER = "(?:[^\\W\\d]|[\u0300-\u036f])"
_HYPHEN = "-\u2010\u2011"
_APOSTROPHE = "'\u2019\u02bc"
_SIGN = "[-\u2212]?"
_ISO = r"\d{4}-\d\d-\d\d(?![\w-])"


@dataclass(frozen=True)
class _Habit:
    """How a language writes: numbers, days in figures, and words that are others or none."""

    number: re.Pattern[str]
    word: re.Pattern[str]
    decimal: str
    day: re.Pattern[str]
    same: Mapping[str, tuple[str, ...]]
    optional: frozenset[str]


_GROUPS = rf"{_SIGN}\d{{1,3}}(?:[{_BLANK}]\d{{3}})+(?!\d)"
_WORD = rf"{_LETTER}(?:{_LETTER}|\d)*(?:[{_HYPHEN}]{_LETTER}(?:{_LETTER}|\d)*)*"
_HABITS = {
    "fr": _Habit(
        re.compile(rf"(?:{_GROUPS}|{_SIGN}\d+)(?:[,.]\d+)?"),
        re.compile(rf"{_WORD}(?:[{_APOSTROPHE}](?={_LETTER}))?"), ",",
        re.compile(rf"{_ISO}|\d{{1,2}}/\d{{1,2}}/\d{{4}}(?![\w/])"),
        {"le": (), "la": (), "les": (), "l'": (), "d'": ("de",), "du": ("de",), "des": ("de",), "n'": ("ne",),
         "derniere": ("dernier",), "dernieres": ("dernier",)},
        frozenset({"de", "ne", "dont"}),
    ),
    "en": _Habit(
        re.compile(rf"(?:{_SIGN}\d{{1,3}}(?:,\d{{3}})+(?!\d|,\d)|{_GROUPS}|{_SIGN}\d+)(?:\.\d+)?"),
        re.compile(rf"{_WORD}(?:[{_APOSTROPHE}]{_LETTER}+)?"), ".",
        re.compile(_ISO),
        {"the": (), "a": (), "an": (), "isn't": ("is", "not"), "doesn't": ("does", "not")},
        frozenset({"any", "whose"}),
    ),
}  # fmt: skip
_UNCLEAR = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?!\d)")
"""A French point before three digits: nobody knows whether it is a comma or stands between thousands."""
_ORDINAL = {"fr": re.compile(r"(1)(?:er|ᵉʳ)(?!\w)"), "en": re.compile(r"(\d{1,2})(?:st|nd|rd|th)(?!\w)")}


@dataclass(frozen=True)
class Token:
    """A word, a sign (``word``), a number, a day or a quoted ``text``; where it stands in the sentence."""

    at: Span
    word: str = ""
    number: Decimal | None = None
    day: date | None = None
    text: str | None = None
    optional: bool = False


def tokens(sentence: str) -> list[Token]:
    """The tokens of a sentence, in the language of the moment.

    Raises :class:`~tamis.rules.errors.RuleError` for quotation marks without an end, and for what is too long or deep.
    """
    if len(sentence) > LONGEST_SENTENCE:
        reason = say("une phrase a {max} caractères au plus", max=LONGEST_SENTENCE)
        raise RuleError("rule.long", reason, sentence, Span(LONGEST_SENTENCE, LONGEST_SENTENCE))
    return _Lexer(sentence, language.get()).all()


class _Lexer:
    def __init__(self, sentence: str, code: str) -> None:
        self.sentence = sentence
        self.habit = _HABITS[code]
        self.ordinal = _ORDINAL[code]
        self.place = 0
        self.found: list[Token] = []
        self.depth = 0

    def refuse(self, code: str, reason: Message, start: int, end: int) -> NoReturn:
        raise RuleError(code, reason, self.sentence, Span(start, end))

    def all(self) -> list[Token]:
        while self.place < len(self.sentence):
            char = self.sentence[self.place]
            if char.isspace():
                self.place += 1
            elif char in _CLOSING:
                self.quoted(char)
            elif not (self.day() or self.number() or self.words()):
                self.sign(char)
        return self.found

    def keep(self, end: int, **what: object) -> bool:
        self.found.append(Token(Span(self.place, end), **what))  # type: ignore[arg-type]
        self.place = end
        return True

    def sign(self, char: str) -> None:
        self.depth += (char in "([") - (char in ")]")
        if self.depth > DEEPEST:
            reason = say("{max} conditions l'une dans l'autre au plus", max=DEEPEST)
            self.refuse("rule.deep", reason, self.place, self.place + 1)
        self.keep(self.place + 1, word=char)

    def day(self) -> bool:
        """A day in figures: ``2026-03-31``, in French also ``31/03/2026``."""
        found = self.habit.day.match(self.sentence, self.place)
        if not found:
            return False
        parts = found[0].split("/")
        try:
            day = date.fromisoformat(found[0]) if len(parts) == 1 else date(*(int(each) for each in reversed(parts)))
        except ValueError:
            self.refuse("rule.day", say("« {day} » n'est pas un jour du calendrier", day=found[0]), *found.span())
        return self.keep(found.end(), day=day)

    def number(self) -> bool:
        if found := self.ordinal.match(self.sentence, self.place):
            return self.keep(found.end(), number=Decimal(found[1]))
        if self.habit.decimal == "," and (found := _UNCLEAR.match(self.sentence, self.place)):
            plain = found[0].replace(".", "")
            reason = say("« {number} » : écrivez {plain} si le point sépare les milliers, sinon une virgule",
                         number=found[0], plain=plain)  # fmt: skip
            self.refuse("rule.number", reason, *found.span())
        found = self.habit.number.match(self.sentence, self.place)
        if not found:
            return False
        whole, _, rest = found[0].replace("\u2212", "-").partition(self.habit.decimal)
        if not rest and "." in whole:
            whole, _, rest = whole.partition(".")
        digits = "".join(char for char in whole if char.isdigit())
        if len(digits.lstrip("0")) > WIDEST or len(rest.rstrip("0")) > 4:
            reason = say("un nombre a quatorze chiffres au plus, et quatre décimales")
            self.refuse("rule.number", reason, *found.span())
        sign = "-" if whole.startswith("-") else ""
        return self.keep(found.end(), number=Decimal(f"{sign}{digits}.{rest or '0'}").normalize() + 0)

    def words(self) -> bool:
        found = self.habit.word.match(self.sentence, self.place)
        if not found:
            return False
        said, end = "".join(fold(found[0]).split()), found.end()
        for word in self.habit.same.get(said, (_stem(said),)):
            self.found.append(Token(Span(self.place, end), word, optional=word in self.habit.optional))
        self.place = end
        return True

    def quoted(self, opened: str) -> None:
        """A text in quotation marks; pairs of the same marks may stand in it, and a backslash escapes."""
        closed, depth, place = _CLOSING[opened], 1, self.place + 1
        made: list[str] = []
        while place < len(self.sentence):
            char = self.sentence[place]
            place += 1
            if char == "\\":
                char, place = self.escaped(place)
            elif char == closed:
                depth -= 1
            elif char == opened:
                depth += 1
            if not depth:
                text = "".join(made)
                self.keep(place, text=_trimmed(text) if opened == "«" else text)
                return
            made.append(char)
        reason = say("ce texte n'a pas de guillemet de fin")
        self.refuse("rule.text", reason, self.place, self.place + 1)

    def escaped(self, place: int) -> tuple[str, int]:
        """The character of an escape whose backslash stands before a place, and where it ends."""
        sign = self.sentence[place : place + 1]
        if sign in _ESCAPES:
            return _ESCAPES[sign], place + 1
        digits = self.sentence[place + 1 : place + 1 + _DIGITS.get(sign, 0)]
        if sign in _DIGITS and len(digits) == _DIGITS[sign] and {*digits} <= {*string.hexdigits}:
            code = int(digits, 16)
            if code < 0xD800 or 0xDFFF < code < 0x110000:
                return chr(code), place + 1 + len(digits)
        reason = say("dans un texte, « \\ » ne va que devant un guillemet ou \\, ou dans \\n, \\t, \\u00e9")
        return self.refuse("rule.text", reason, place - 1, place + 1)


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", **{sign: sign for sign in '\\"«»“”„'}}
_DIGITS = {"x": 2, "u": 4, "U": 8}


def _trimmed(text: str) -> str:
    """Without the one space that stands inside of French quotation marks."""
    text = text[1:] if text[:1] and text[0] in _BLANK else text
    return text[:-1] if text and text[-1] in _BLANK else text


def _stem(word: str) -> str:
    """A word without hyphens, the possessive, and the « s » of its plural: « e-mails » is « email »."""
    bare = "".join(char for char in word.removesuffix("'s") if char != "-")
    if bare.endswith("ies"):
        return f"{bare[:-3]}y"
    return bare[:-1] if len(bare) > 3 and bare.endswith("s") else bare
