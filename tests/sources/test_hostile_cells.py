"""Whatever stands in a cell is read, or refused, at once: nobody's file keeps a worker busy for hours."""

from contextlib import suppress

import pytest
from hostile import hostile, within

from tamis.identity.identifiers import BadValue
from tamis.sources import company_fields, contact_fields
from tamis.sources.company_fields import Field
from tamis.sources.event_values import read_company_domain
from tamis.sources.limits import MAX_CELL

FIELDS = [*company_fields.FIELDS, *contact_fields.FIELDS, Field("domain", "", (), read_company_domain)]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_the_longest_cell_is_answered_at_once(field: Field) -> None:
    for text in hostile(MAX_CELL):
        with within(5), suppress(BadValue):
            field.read(text)
