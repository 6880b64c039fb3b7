"""Questions asked in the rule language: how many, which, said as a sentence, and why one is in and another is not.

text → parsed, checked against the workspace's words → compiled as of one instant → asked of the engine
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils import timezone

from tamis.app.models import Company, Contact
from tamis.app.services import engine_tables
from tamis.app.services.vocabulary import vocabulary
from tamis.errors import NotFound, Refused, Unreadable
from tamis.messages import Message, say

if TYPE_CHECKING:
    import pyarrow as pa

    from tamis.engines.contract import Engine
    from tamis.rules.explaining import Explanation
    from tamis.rules.nodes import Rule, Subject
    from tamis.rules.vocabulary import Vocabulary

T = TypeVar("T")
CHUNK = 1_000
"""Companies or contacts whose names are read at once."""


@dataclass(frozen=True)
class Question:
    """A rule that was read and checked, asked as of one instant; ``past`` when somebody chose it, and it is over."""

    rule: "Rule"
    vocabulary: "Vocabulary"
    now: datetime
    past: bool = False

    @property
    def text(self) -> str:
        """The rule as it is written canonically."""
        from tamis.rules.rendering import render

        return render(self.rule)

    @property
    def subject(self) -> "Subject":
        """What it is asked of."""
        return self.rule.subject

    @property
    def audiences(self) -> set[int]:
        """The audiences that it names."""
        from tamis.rules.nodes import InAudience, every

        return {self.vocabulary.audience(each.audience).id for each in every(self.rule, InAudience)}

    @property
    def sentence(self) -> str:
        """The rule in the language of the moment."""
        from tamis.rules.sentences.describing import describe as said

        return said(self.rule, self.vocabulary)

    @property
    def note(self) -> Message | None:
        """What has to be said of an instant in the past, and of properties that nobody defined."""
        from tamis.rules.noticing import undefined

        past = say("Les événements sont pris jusqu'à cet instant, les champs tels qu'ils sont aujourd'hui.")
        notes = [*([past] if self.past else []), *undefined(self.rule, self.vocabulary)]
        return reduce(lambda one, two: say("{one} {two}", one=one, two=two), notes) if notes else None


@dataclass(frozen=True)
class Answered:
    """The answer to a question: how many, when it is only counted no ids, as of when, in how many milliseconds."""

    question: Question
    count: int
    as_of: datetime
    milliseconds: float

    def as_json(self) -> dict[str, Any]:
        """For programs, in the language of the moment."""
        return {
            "count": self.count, "milliseconds": self.milliseconds, "as_of": self.as_of.astimezone(UTC),
            "now": self.question.now.astimezone(UTC), "subject": self.question.subject,
            "note": str(self.question.note) if self.question.note else None,
        }  # fmt: skip


@dataclass(frozen=True)
class Selected(Answered):
    """The answer with the ids, in their order; eight bytes each."""

    ids: "pa.ChunkedArray"

    def rows(self, most: int | None = None) -> Iterator[dict[str, Any]]:
        """Who they are, in the order of their ids, read a chunk at a time; those deleted meanwhile are left out."""
        for chunk in self.chunks(most):
            yield from rows_of(self.question.subject, chunk)

    def page(self, number: int, most: int) -> list[dict[str, Any]]:
        """Who is on a page of so many, the first being 1."""
        return [*rows_of(self.question.subject, self.ids[(number - 1) * most : number * most].to_pylist())]

    def chunks(self, most: int | None = None) -> Iterator[list[int]]:
        """The ids, some at a time."""
        ids = self.ids if most is None else self.ids[:most]
        for start in range(0, len(ids), CHUNK):
            yield ids[start : start + CHUNK].to_pylist()


@dataclass(frozen=True)
class Explained:
    """Why a company or a contact is in or not: the tree, each node true or false with what decided it."""

    question: Question
    who: Company | Contact
    as_of: datetime
    explanation: "Explanation"

    @property
    def holds(self) -> bool:
        """Whether the rule holds of it."""
        return self.explanation.holds

    def as_json(self) -> dict[str, Any]:
        """For programs, in the language of the moment."""
        return {
            "id": self.who.pk, "name": self.who.name, "subject": self.question.subject, "holds": self.holds,
            "as_of": self.as_of.astimezone(UTC), "now": self.question.now.astimezone(UTC),
            "note": str(self.question.note) if self.question.note else None,
            "explanation": self.explanation.as_json(),
        }  # fmt: skip


def ask(text: str, now: datetime | None = None) -> Question:
    """The question that a text asks. Raises :class:`~tamis.rules.errors.RuleError` with the place of what is wrong."""
    from tamis.rules.checking import check
    from tamis.rules.parsing import parse

    rule, known, moment = parse(text), vocabulary(), timezone.now()
    check(rule, known, text)
    return Question(rule, known, now or moment, now is not None and now < moment)


def read(sentence: str) -> Question:
    """The question that a sentence in the language of the moment asks. Raises as :func:`ask`."""
    from tamis.rules.sentences.reading import read as read_back

    known = vocabulary()
    return Question(read_back(sentence, known), known, timezone.now())


def count(text: str, now: datetime | None = None, *, recent: bool = False) -> Answered:
    """How many there are. With ``recent`` the state is that of the last snapshot, at once: for previews."""
    from tamis.rules.sql.compiling import compile_count

    started = time.perf_counter()
    question = ask(text, now)
    query = compile_count(question.rule, question.vocabulary, question.now)
    rows, as_of = _answer(question, lambda engine: engine.ask(query), recent)
    return Answered(question, rows.column("n")[0].as_py(), as_of, _since(started))


def select(
    text: str, now: datetime | None = None, *, after: int = 0, most: int | None = None, recent: bool = False
) -> Selected:
    """Which there are, in the order of their ids: those beyond ``after``, at most so many."""
    from tamis.rules.sql.compiling import compile_rule

    started = time.perf_counter()
    question = ask(text, now)
    limit = "" if most is None else f" LIMIT {most:d}"
    compiled = compile_rule(question.rule, question.vocabulary, question.now)
    sql = f"SELECT id FROM ({compiled.sql}) WHERE id > $after ORDER BY id{limit}"
    query = replace(compiled, sql=sql, values={**compiled.values, "after": after})
    rows, as_of = _answer(question, lambda engine: engine.ask(query), recent)
    return Selected(question, rows.num_rows, as_of, _since(started), rows.column("id"))


def explain(text: str, now: datetime | None = None, *, company: str = "", contact: str = "") -> Explained:
    """Why the rule holds of a company (number, SIREN, name) or a contact (number, address, key, name), or does not."""
    from tamis.rules.explaining import explain as explained
    from tamis.rules.facts import facts_of

    question = ask(text, now)
    who = _one(question, company, contact)

    def told(engine: "Engine") -> "Explanation | None":
        facts = facts_of(engine, question.rule, question.vocabulary, who.pk, question.now)
        if facts is None:
            return None
        return explained(question.rule, question.vocabulary, facts, question.now, past=question.past)

    explanation, as_of = _answer(question, told)
    if explanation is None:
        raise NotFound(say("« {name} » n'existe plus.", name=who.name))
    return Explained(question, who, as_of, explanation)


def instant(text: str) -> datetime:
    """An instant as ISO 8601 writes it, in the workspace's zone when it names none. Raises ``Refused``."""
    try:
        read = datetime.fromisoformat(text.strip())
        return (read if read.tzinfo else read.replace(tzinfo=timezone.get_current_timezone())).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(
            say("« {text} » n'est pas un instant : écrivez 2026-03-31, 2026-03-31T18:00 ou 2026-03-31T18:00+02:00.",
                text=text[:40]),
            "rule.now",
        ) from None  # fmt: skip


def rows_of(subject: "Subject", ids: list[int]) -> Iterator[dict[str, Any]]:
    """Companies, or contacts, as rows, in the order of these ids."""
    return company_rows(ids) if subject == "companies" else contact_rows(ids)


def company_rows(ids: list[int]) -> Iterator[dict[str, Any]]:
    """Companies as rows: who, and where they stand."""
    known = Company.objects.select_related("list", "status").in_bulk(ids)
    for company in (known[id] for id in ids if id in known):
        yield {
            "id": company.pk, "name": company.name, "siren": company.siren, "segment": company.list.segment,
            "list": company.list.name, "city": company.city, "status": company.status.name if company.status else None,
        }  # fmt: skip


def contact_rows(ids: list[int]) -> Iterator[dict[str, Any]]:
    """Contacts as rows: who, and of which company."""
    known = Contact.objects.select_related("company", "status").in_bulk(ids)
    for contact in (known[id] for id in ids if id in known):
        yield {
            "id": contact.pk, "name": contact.name, "email": contact.email or None,
            "company": contact.company.name if contact.company else None, "company_id": contact.company_id,
            "job_title": contact.job_title, "status": contact.status.name if contact.status else None,
        }  # fmt: skip


def _one(question: Question, company: str, contact: str) -> Company | Contact:
    """The one that a question is about. Raises ``NotFound``, and ``Refused`` for one of the other kind."""
    from tamis.app.services import whom

    if not (company or contact):
        raise Refused(say("Écrivez de qui il s'agit : un nom, un SIREN, une adresse ou un numéro."), "rule.who")
    if question.subject == "companies":
        if not company:
            raise Refused(say("Cette règle parle d'entreprises : nommez une entreprise, pas un contact."), "rule.who")
        return whom.company(company)
    if not contact:
        raise Refused(say("Cette règle parle de contacts : nommez un contact, pas une entreprise."), "rule.who")
    return whom.contact(contact)


def _answer(question: Question, told: "Callable[[Engine], T]", recent: bool = False) -> tuple[T, datetime]:
    """What an engine says, and as of when. Files that somebody's erasure took away meanwhile are looked for again."""
    from tamis.engines.duckdb import DuckDb

    tables = engine_tables.recent if recent else engine_tables.current
    for last in (False, True):
        found = tables(question.audiences)
        try:
            with DuckDb(found.tables) as engine:
                return told(engine), found.as_of
        except Unreadable:
            if last:
                raise
    raise AssertionError


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
