"""What rules, statuses, tags and users' own fields are about: companies and contacts, each with its tables."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from tamis.app.models import Company, CompanyTag, CompanyValue, Contact, ContactTag, ContactValue
from tamis.errors import NotFound, did_you_mean
from tamis.messages import say


@dataclass(frozen=True)
class Subject:
    """Companies or contacts: the rows themselves, their tags, and the shadows of their users' own fields."""

    key: str
    model: type[Model]
    tags: type[Model]
    values: type[Model]

    def rows(self) -> "QuerySet[Any]":
        """Every row."""
        return self.model._default_manager.all()

    def existing(self) -> "QuerySet[Any]":
        """The rows there are; a company that was merged into another is part of that one."""
        return self.rows().filter(merged_into=None) if self is COMPANY else self.rows()


COMPANY = Subject("company", Company, CompanyTag, CompanyValue)
CONTACT = Subject("contact", Contact, ContactTag, ContactValue)
SUBJECTS = {each.key: each for each in (COMPANY, CONTACT)}


def subject_of(key: str) -> Subject:
    """The subject of this key, ``company`` or ``contact``. Raises :class:`~tamis.errors.NotFound`."""
    if key in SUBJECTS:
        return SUBJECTS[key]
    hint = did_you_mean(key, SUBJECTS)
    raise NotFound(say("« {word} » n'est ni company ni contact.{hint}", word=key[:30], hint=hint), "subject.unknown")
