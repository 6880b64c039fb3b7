"""Who a visitor is: an identification reaches back to the one before it, and no further."""

from datetime import UTC, datetime

from tamis.app.services.identities import stays_of
from tamis.lake.read import Identified


def identified(day, email=None, siren=None, id=None):
    ts = datetime(2026, 3, day, tzinfo=UTC)
    return Identified(id or f"i{day}", ts, "v1", None, email, None, siren, None)


def spans(*identifications):
    return [
        (each.after and each.after.day, each.until and each.until.day, each.contact_email or each.company_siren)
        for each in stays_of("v1", identifications)
    ]


def test_the_first_reaches_back_to_the_beginning_and_the_last_goes_on():
    assert spans(identified(5, "lea@acme.fr")) == [(None, None, "lea@acme.fr")]


def test_a_second_person_does_not_inherit_the_first():
    assert spans(identified(5, "lea@acme.fr"), identified(9, "marc@bolt.fr")) == [
        (None, 5, "lea@acme.fr"),
        (5, None, "marc@bolt.fr"),
    ]


def test_one_that_comes_late_takes_its_place_between_the_others():
    first, last = identified(5, "lea@acme.fr"), identified(9, "marc@bolt.fr")
    assert spans(first, last, identified(7, siren="732829320")) == [
        (None, 5, "lea@acme.fr"),
        (5, 7, "732829320"),
        (7, None, "marc@bolt.fr"),
    ]


def test_of_two_at_one_moment_the_last_counts():
    assert spans(identified(5, "lea@acme.fr", id="a"), identified(5, "marc@bolt.fr", id="b")) == [
        (None, None, "marc@bolt.fr")
    ]
