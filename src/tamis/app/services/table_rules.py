"""A rule among the filters of a table: read, answered by the engine once, its ids then a condition in SQL."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection
from django.db.models import F, Q

from tamis.app.services import kept_engine, rules, snapshots
from tamis.app.services.subjects import COMPANY, Subject
from tamis.app.services.value_tests import Among, column
from tamis.errors import Busy, Refused
from tamis.messages import say

if TYPE_CHECKING:
    import pyarrow as pa

    from tamis.rules import nodes

FEW_CHANGES = 5_000
"""Up to so many changes of the state are brought into the snapshot before a page is answered; the worker takes more."""


class Found(NamedTuple):
    """Whom a rule selects, by their ids (``1,2,3``), how many they are, and as of when."""

    ids: str
    total: int
    as_of: datetime


@dataclass(frozen=True)
class TableRule:
    """A rule in its canonical form, of companies or of contacts, and the question that it was read as.

    ``quick``: as of the last snapshot, brought up to date where that is quick, for a page; else as of now.
    """

    text: str
    question: rules.Question = field(repr=False, compare=False)
    quick: bool = False

    @classmethod
    def read(cls, text: str, subject: Subject) -> "TableRule":
        """The rule that a text says. Raises :class:`~tamis.errors.Refused` with the place of what is wrong."""
        question = rules.ask(text)
        if question.subject != words_of(subject):
            raise Refused(
                say("Cette règle parle de contacts : elle filtre la table des contacts.")
                if subject is COMPANY
                else say("Cette règle parle d'entreprises : elle filtre la table des entreprises."),
                "filter.subject",
            )
        return cls(question.text, question)

    @property
    def sentence(self) -> str:
        """The rule in the language of the moment."""
        return self.question.sentence

    @cached_property
    def found(self) -> Found:
        """Whom it selects: asked once. Raises :class:`~tamis.errors.Busy`, ``Unreadable``."""
        if not self.quick:
            selected = rules.select(self.text, recent=connection.in_atomic_block)
            return _found(selected.ids, selected.as_of)
        from tamis.rules.sql.sieving import compile_ids

        question, fresh = self.question, _brought_up_to_date()

        def told(kept: kept_engine.Kept) -> "tuple[pa.ChunkedArray, datetime]":
            return kept.ask(compile_ids(question.rule, question.vocabulary, kept.now)).column("id"), kept.now

        (ids, now), state = kept_engine.ask(told)
        return _found(ids, min(fresh or state, now))

    def those(self, checked: bool) -> Q:
        """The condition that it holds; ``checked`` as in :mod:`~tamis.app.services.value_tests`."""
        return Q(Among(column("pk", True) if checked else F("pk"), self.found.ids))


def _found(ids: "pa.ChunkedArray", as_of: datetime) -> Found:
    return Found(",".join(map(str, ids.to_pylist())), len(ids), as_of)


def words_of(subject: Subject) -> "nodes.Subject":
    """What the rules of a table are about."""
    return "companies" if subject is COMPANY else "contacts"


def _brought_up_to_date() -> datetime | None:
    """As of when the snapshot now is, after the few changes that waited; ``None`` where they are many, or taken now."""
    if connection.in_atomic_block or snapshots.waiting() > FEW_CHANGES:
        return None
    try:
        return snapshots.take().as_of
    except Busy:
        return None
