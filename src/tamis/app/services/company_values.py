"""The shadow rows of the users' own fields, so that SQL finds companies by them."""

from collections.abc import Iterable
from typing import Any

from tamis.app.models import Company, Contact
from tamis.app.services.subjects import COMPANY, Subject
from tamis.identity.folding import fold
from tamis.sources.custom_fields import shown_value

LONGEST = 300


def shadow(value: Any) -> tuple[str, float | None]:
    """A value as its shadow holds it: folded text, and the number where it is one."""
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    return fold(shown_value(value))[:LONGEST], number


def keep(rows: Iterable[Company | Contact], subject: Subject = COMPANY) -> None:
    """Write the shadows of these companies, or contacts, anew; runs within the transaction that wrote them."""
    rows = [*rows]
    shadows = subject.values._default_manager
    shadows.filter(**{f"{subject.key}__in": rows}).delete()
    shadows.bulk_create(
        subject.values(**{subject.key: row}, field=field, text=text, number=number)
        for row in rows
        for field, (text, number) in ((field, shadow(value)) for field, value in row.extra.items())
    )
