"""What can be wrong with a rule, and where: the line, the column, and the place under a caret."""

from typing import Any

from tamis.errors import Refused
from tamis.messages import Message, say
from tamis.rules.nodes import Span

WIDEST = 100
"""Characters of a line that are shown around a mistake."""


class RuleError(Refused):
    """A rule that cannot be read, or says what cannot be asked; ``line`` and ``column`` count from 1.

    ``reason`` is the sentence alone; ``message`` adds the place and, on lines of their own, the text and a caret.
    """

    code = "rule"

    def __init__(self, code: str, reason: Message, text: str, at: Span) -> None:
        start = min(at.start, len(text))
        first = text.rfind("\n", 0, start) + 1
        self.reason = reason
        self.span = at
        self.line = text.count("\n", 0, start) + 1
        self.column = start - first + 1
        self.shown = _pointed(text[first:].split("\n")[0], start - first, at.end - start)
        super().__init__(
            say("Ligne {line}, colonne {column} : {reason}\n{shown}", line=self.line, column=self.column,
                reason=reason, shown=self.shown),
            code,
        )  # fmt: skip

    @property
    def hint(self) -> str:
        """The word that was meant, if one is near."""
        said = self.reason.values.get("hint")
        return str(said.values["word"]) if isinstance(said, Message) else ""

    @property
    def place(self) -> dict[str, Any]:
        """The line and column, counted from 1, and the characters of the whole text, counted from 0."""
        return {
            "line": self.line, "column": self.column, "start": self.span.start, "end": self.span.end,
            "reason": str(self.reason), "hint": self.hint,
        }  # fmt: skip


def _pointed(line: str, start: int, length: int) -> str:
    """The line at fault with carets under the place; of a long line, the part around it."""
    first = max(0, min(start - WIDEST // 2, len(line) - WIDEST))
    part = "".join(char if char.isprintable() else " " for char in line[first : first + WIDEST])
    return f"{part}\n{' ' * (start - first)}{'^' * max(1, min(length, len(part) - start + first))}"
