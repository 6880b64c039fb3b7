"""What engines are asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Query:
    """SQL, and the value of each of its parameters: what people type is in these alone.

    ``needs`` are tables made from others, by name, in the order in which they need each other; an engine makes each
    once.
    """

    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)
