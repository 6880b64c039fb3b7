"""What the shapes of requests and answers are made of: numbers, texts, pages."""

import re
from typing import Annotated, Any, Generic, Literal, TypeVar

from django.utils.functional import Promise
from ninja import Field, Schema
from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from tamis.messages import Message

T = TypeVar("T")
Many = list
"""``list``, in the shapes that have a field of that name."""
MOST = 500
MAX_ID = 2**63 - 1


def _whole(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,19}", value):
        raise PydanticCustomError("whole", "a whole number")
    return value


def _spoken(value: Any) -> Any:
    return str(value) if isinstance(value, Message | Promise) else value


Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number in an address: digits, nothing else."""
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
"""A number in the database."""
Said = Annotated[str, BeforeValidator(_spoken)]
"""A sentence, in the language of the request."""
FormatWord = Literal["csv", "csv-fr", "xlsx"]
SubjectWord = Literal["company", "contact"]
"""What something is of."""
RoleWord = Literal["admin", "editor", "viewer"]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-03-31"])]


class Asked(BaseModel):
    """A body: nothing but its fields, each of its own type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Paging(Schema):
    """Where to read on, and how much."""

    cursor: str = Field("", max_length=1000, description="`next` of the page before; without it, the first page.")
    limit: Whole = Field(50, ge=1, le=MOST, description="How many items at most.")


class Page(Schema, Generic[T]):
    """A page of items."""

    items: list[T]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


class All(Schema, Generic[T]):
    """All items there are."""

    items: list[T]


class DryRun(Asked):
    """How to do it."""

    dry_run: bool = Field(False, description="Say what would happen, and change nothing.")
