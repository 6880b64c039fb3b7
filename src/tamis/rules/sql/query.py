"""What engines are asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Query:
    """SQL, and the value of each of its parameters: what people type is in these alone.

    ``needs`` are tables made from others, by name, in the order in which they need each other; an engine makes each
    once.
    """

    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)


def present(subject: str, alias: str) -> str:
    """The condition that a row of the table of subjects is one: a company that was merged into another is none."""
    return f"{alias}.merged_into IS NULL" if subject == "companies" else "true"


class Engine(Protocol):
    """Answers queries over the tables it was made with; used as a context, it lets everything go at the end."""

    def ask(self, query: Query) -> "pa.Table":
        """The rows of the answer. Raises :class:`~tamis.errors.Unreadable` when the engine fails."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...
