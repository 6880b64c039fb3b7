"""The shadow rows of the users' own fields, so that SQL finds companies by them."""

from collections.abc import Iterable
from typing import Any

from tamis.app.models import Company, CompanyValue
from tamis.identity.folding import fold
from tamis.sources.custom_fields import shown_value

LONGEST = 300


def shadow(value: Any) -> tuple[str, float | None]:
    """A value as its shadow holds it: folded text, and the number where it is one."""
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    return fold(shown_value(value))[:LONGEST], number


def keep(companies: Iterable[Company]) -> None:
    """Write the shadows of these companies anew; runs within the transaction that wrote the companies."""
    companies = [*companies]
    CompanyValue.objects.filter(company__in=companies).delete()
    CompanyValue.objects.bulk_create(
        CompanyValue(company=company, field=field, text=text, number=number)
        for company in companies
        for field, (text, number) in ((field, shadow(value)) for field, value in company.extra.items())
    )
