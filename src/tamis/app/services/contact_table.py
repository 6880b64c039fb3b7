"""The contact table: the company table's engine over contacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q, QuerySet, prefetch_related_objects

from tamis.app.models import Contact
from tamis.app.services import company_table, contact_attributes, contact_columns
from tamis.app.services.company_columns import TableColumn
from tamis.app.services.company_conditions import Attributes
from tamis.app.services.company_filters import Filters
from tamis.app.services.company_table import Page
from tamis.app.services.subjects import CONTACT, Subject
from tamis.app.services.value_tests import Column, Part, Start
from tamis.identity.folding import fold

_NAME, _EMAIL, _PHONE = (Column(name, model=Contact) for name in ("name_key", "email_key", "phone"))


def named(text: str, checked: bool = False) -> Q:
    """The condition that a contact has a name, an address or a number like what somebody typed in a search box."""
    digits = contact_attributes.phone_start(text)
    if len(digits) >= 4 and not any(char.isalpha() for char in text):
        return _PHONE.where(Start(digits), checked)
    words = fold(text).split()
    if not words:
        return Q(pk__in=[])
    if "@" in text:
        return _EMAIL.where(Start(fold(text)), checked)
    found = Q()
    for word in words:  # "alice durand" and "durand alice" are the same
        found &= _NAME.where(Part(word), checked)
    return found | _EMAIL.where(Start(words[0]), checked) if len(words) == 1 else found


@dataclass(frozen=True)
class ContactFilters(Filters):
    """What somebody asks of the contact table."""

    attributes: ClassVar[Attributes] = contact_attributes
    built_in: ClassVar[tuple[TableColumn, ...]] = contact_columns.COLUMNS
    usual: ClassVar[tuple[str, ...]] = contact_columns.USUAL
    subject: ClassVar[Subject] = CONTACT
    always_known: ClassVar[frozenset[str]] = frozenset({"name", "origin", "created", "updated"})

    columns: tuple[str, ...] = contact_columns.USUAL

    @staticmethod
    def every_column() -> Sequence[TableColumn]:
        """The columns there are."""
        return contact_columns.all_columns()

    @staticmethod
    def searched(text: str, checked: bool) -> Q:
        """The contacts that a search box means."""
        return named(text, checked)

    @classmethod
    def everything(cls) -> "QuerySet[Any]":
        """Every contact."""
        return Contact.objects.all()

    @classmethod
    def checked_everything(cls) -> "QuerySet[Any]":
        """The same: contacts are all shown."""
        return Contact.objects.all()

    @classmethod
    def standing(cls, ids: set[int]) -> set[int]:
        """All of them."""
        return ids


def page(filters: ContactFilters, number: int = 1, *, after: int | None = None, before: int | None = None) -> Page:
    """A page of the table, its contacts with their companies and statuses."""
    found = company_table.page(filters, number, after=after, before=before)
    prefetch_related_objects(found.companies, "company__list", "status")
    return found
