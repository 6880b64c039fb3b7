"""Sentences for people, in French or in English.

Every sentence is written once, in French, where it is needed; ``locale/en`` holds the English. The core says what it
has to say with :func:`say`, keeps the sentence and its values apart, and the language is chosen when it is shown:
a reason stored during a French import reads in English for an English colleague.
"""

import gettext as gettext_module
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache, reduce
from pathlib import Path
from typing import Any, TypedDict

LOCALE_DIR = Path(__file__).parent / "locale"
LANGUAGES = ("fr", "en")

language: ContextVar[str] = ContextVar("language", default="fr")


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Show every message within the block in this language (``fr`` or ``en``; anything else reads as French)."""
    token = language.set(code if code in LANGUAGES else "fr")
    try:
        yield
    finally:
        language.reset(token)


@cache
def _catalogue(code: str) -> gettext_module.NullTranslations:
    return gettext_module.translation("django", LOCALE_DIR, languages=[code], fallback=True)


COUNTS = frozenset({"n", "limit", "held", "room", "accepted", "max"})
"""Values that count something: shown with a narrow space between thousands. Other numbers (years, ids) are not."""


def _shown(name: str, value: Any) -> Any:
    return f"{value:,}".replace(",", "\u202f") if name in COUNTS and isinstance(value, int) else value


class StoredMessage(TypedDict, total=False):
    """The JSON form of a message: a template, its plural if any, and the values that fill it."""

    text: str
    many: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Message:
    """A sentence for a person: a French template, its plural when it counts something, and what fills it."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    many: str | None = None

    def __str__(self) -> str:
        if not self.values:
            return self._template()
        return self._template().format(**{name: _shown(name, value) for name, value in self.values.items()})

    def _template(self) -> str:
        code = language.get()
        catalogue = _catalogue(code)
        if self.many is None:
            return catalogue.gettext(self.text)
        count = int(self.values["n"])
        if code == "fr":  # French: zero is singular, and there is no catalogue to say so
            return self.text if abs(count) < 2 else self.many
        return catalogue.ngettext(self.text, self.many, count)

    @property
    def templates(self) -> tuple[str, ...]:
        """Its templates in the language of the moment: one, or one and many."""
        some = (1, 2) if self.many is not None else (0,)
        return tuple(replace(self, values={"n": n})._template() for n in some)

    def stored(self) -> StoredMessage:
        """The JSON form, to be read back with :meth:`read`."""
        stored = StoredMessage(text=self.text)
        if self.many is not None:
            stored["many"] = self.many
        if self.values:
            stored["values"] = {
                name: value.stored() if isinstance(value, Message) else value for name, value in self.values.items()
            }
        return stored

    @classmethod
    def read(cls, stored: StoredMessage) -> "Message":
        """The message that :meth:`stored` wrote."""
        values = {
            name: cls.read(value) if isinstance(value, dict) and "text" in value else value  # type: ignore[arg-type]
            for name, value in stored.get("values", {}).items()
        }
        return cls(stored["text"], values, stored.get("many"))


def say(text: str, /, **values: Any) -> Message:
    """A message from its French template, as in ``say("La liste « {name} » existe déjà.", name=name)``."""
    return Message(text, values)


def say_many(one: str, many: str, /, n: int, **values: Any) -> Message:
    """A message that counts: ``say_many("{n} ligne", "{n} lignes", n=3)``; French takes the singular below two."""
    return Message(one, {"n": n, **values}, many)


def in_turn(messages: Sequence[Message]) -> Message:
    """One message that says these one after the other."""
    return reduce(lambda first, then: say("{first} ; {then}", first=first, then=then), messages)
