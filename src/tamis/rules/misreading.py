"""What is wrong with the text of a rule, where it goes wrong: what was meant there, or what may stand there."""

import re
from collections.abc import Iterable
from typing import Any

from lark import Lark, Token, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from tamis.errors import did_you_mean, meant
from tamis.messages import Message, say
from tamis.rules.errors import RuleError
from tamis.rules.nodes import Span

_SHOWN = {
    "COMPARE": ("=", "!=", "<", "<=", ">", ">="), "NUMBER": (say("un nombre"),),
    "STRING": (say("un texte entre guillemets"),),
    "DAY": (say("un jour (2026-03-31)"),), "IDENTIFIER": (say("un nom"),), "QUOTED": (), "BARE": (say("un segment"),),
    "LPAR": ("(",), "RPAR": (")",), "COMMA": (",",), "DOT": (".",), "PERCENT": ("%",), "STAR": ("*",),
    "$END": (say("la fin"),), "UNIT": ("hours", "days", "weeks", "months"), "_TIMES": ("times",),
    "_CONTACT": ("contact",), "_CONTAINS_ANY": ("contains any of",), "_BETWEEN_DAYS": ("between",),
    "FIGURE": ("count", "count distinct", "sum", "avg", "min", "max", "most frequent"),
}  # fmt: skip
MOST_SHOWN = 24


def unexpected(error: UnexpectedInput, text: str, parser: Lark) -> RuleError:
    """The mistake in a text that the parser could not read: its place, what is wrong, and what was probably meant."""
    match error:
        case UnexpectedToken(token=Token(type="$END")) | UnexpectedEOF():
            found, start = "", len(text.rstrip())
        case UnexpectedToken(token=token):
            found, start = str(token), token.start_pos or 0
        case UnexpectedCharacters():
            start = error.pos_in_stream or 0
            found = _word_at(text, start)
        case _:
            found, start = "", 0
    at = Span(start, start + max(1, len(found)))
    if (misspelt := _misspelt(text, start)) and found:
        return RuleError("rule.syntax", misspelt, text, at)
    if slip := _slip(text, start):
        at, word = slip
        wrong = text[at.start : at.end]
        reason = say("« {found} » n'est pas attendu ici.{hint}", found=wrong, hint=meant(word))
        return RuleError("rule.syntax", reason, text, at)
    words = _expected(_accepted(text, parser))
    hint = _near(text, start, found, [each for each in words if isinstance(each, str)])
    return RuleError("rule.syntax", _reason(found, words, hint), text, at)


def _expected(terminals: Iterable[str]) -> list[Message | str]:
    """The words that may stand at a place, in a steady order."""
    found: dict[str, Message | str] = {}
    for each in sorted(terminals):
        for word in _SHOWN.get(each, (each.strip("_").replace("_", " ").lower(),)):
            found[str(word)] = word
    return [*found.values()]


def _accepted(text: str, parser: Lark) -> Iterable[str]:
    """The terminals that may stand where the text goes wrong."""
    reading: Any = parser.parse_interactive(text)
    try:
        reading.exhaust_lexer()
    except UnexpectedInput as error:
        return {*(getattr(error, "accepts", None) or reading.accepts())}
    return {*reading.accepts()}


def _near(text: str, start: int, found: str, known: list[str]) -> Message | str:
    """The word that was probably meant, of those that may stand there, or that would have led here."""
    hint = did_you_mean(_phrase(text[start:]), known) or did_you_mean(found, known)
    if found == "(":
        hint = hint or did_you_mean(_phrase(text[:start], -1), _SHOWN["FIGURE"])  # type: ignore[arg-type]
    return hint or did_you_mean(_phrase(text[: start + len(found)], -2), _MEMBERSHIPS)


_NUMBER = re.compile(
    r"\d{1,3}([ \u00a0\u202f,.'’]\d{3})+(?!\d)|\d+,\d+|[.,]\d+|\d+\.(?!\d)|\+\d+"
    r"|\d+(\.\d+)?(e[+-]?\d+\b|[kKmM]\w?\b|\s*€)"
)
_DAY = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{4}/\d{1,2}/\d{1,2}|\d{4}-(\d-\d{1,2}|\d\d-\d)(?!\d)")


def _misspelt(text: str, start: int) -> Message | None:
    """What is wrong with a text, a day or a number that is written as people write it elsewhere."""
    if text[start : start + 1] in ("“", "”", "«", "»", "„", "‘", "’", "'"):
        return say('un texte s\'écrit entre guillemets droits : "Lyon"')
    if text[start : start + 1] == '"' and not re.compile(r'"([^"\\]|\\.)*"', re.S).match(text, start):
        return say("ce texte n'a pas de guillemet de fin")
    if _stands_in(_DAY, text, start):
        return say("un jour s'écrit 2026-03-31")
    if _stands_in(_NUMBER, text, start):
        return say("un nombre s'écrit sans espace ni unité, avec un point : 1000000, 12.5")
    return None


_AROUND = 40
"""Characters before and after a place in which what people write there is looked for; a number has some twenty."""


def _stands_in(pattern: re.Pattern[str], text: str, start: int) -> bool:
    """Whether a place is within something that a pattern finds: near it, for thousands of digits take minutes."""
    first = max(0, start - _AROUND)
    near = text[first : start + _AROUND]
    return any(each.start() <= start - first < each.end() for each in pattern.finditer(near))


_SLIPS = (
    ("==", "="), ("<>", "!="), ("=>", ">="), ("=<", "<="), ("&&", "and"), ("&", "and"), ("||", "or"), ("|", "or"),
    ("et ", "and"), ("ou ", "or"), ("is not null", "is known"), ("is not missing", "is known"),
    ("is not empty", "is known"), ("is null", "is missing"), ("is empty", "is missing"), ("is not", "!="),
    ("not in", "not … in"), ("not contains", "not … contains"), ("like", "contains"), ("year", "months"),
    ("in the last", "in last"),
)  # fmt: skip
"""What stands elsewhere for words of the language."""


def _slip(text: str, start: int) -> tuple[Span, str] | None:
    """A word or sign of another language at a place, or of a sign one before it, and what stands here for it."""
    for first in (max(0, start - 1), start):
        for wrong, right in _SLIPS:
            if (first == start or not wrong[0].isalpha()) and text[first : first + 20].lower().startswith(wrong):
                return Span(first, first + len(wrong.rstrip())), right
    return None


def _reason(found: str, words: list[Message | str], hint: Message | str) -> Message:
    listed = ", ".join(str(each) for each in words[:MOST_SHOWN]) + (" …" if len(words) > MOST_SHOWN else "")
    if not found:
        return say("la règle s'arrête trop tôt ; on attend : {words}", words=listed)
    return say(
        "« {found} » n'est pas attendu ici.{hint} On attend : {words}",
        found=_visible(found[:40]),
        hint=hint,
        words=listed,
    )


def _visible(found: str) -> str:
    """A text with its invisible characters named: U+0000."""
    return "".join(char if char.isprintable() else f"U+{ord(char):04X}" for char in found)


def _word_at(text: str, start: int) -> str:
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return text[start : max(end, start + 1)]


_MEMBERSHIPS = ("in segment", "in list", "in audience", "has tag", "has contact", "days since last")


def _phrase(text: str, words: int = 2) -> str:
    """The first words of a text, or the last ones: operators have two."""
    found = text.split()
    return " ".join(found[:words] if words > 0 else found[words:])
