"""Where a number leads that counts whom a rule selects."""

from urllib.parse import urlencode

from django.urls import reverse

LONGEST = 8_000
"""Characters of an address that every server and proxy takes."""


def table_link(rule: str) -> str:
    """The table of those whom a rule selects, where they are sorted, moved, taken away; their page if it is long."""
    index = reverse("contacts" if rule.startswith("contacts") else "companies")
    address = f"{index}?{urlencode({'rule': rule})}"
    return address if len(address) <= LONGEST else rule_link(rule)


def rule_link(rule: str) -> str:
    """The page where a rule is counted as of this moment, and those whom it selects are shown."""
    return f"{reverse('rules')}?{urlencode({'rule': rule, 'do': 'show'})}"
