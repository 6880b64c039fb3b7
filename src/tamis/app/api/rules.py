"""Questions in the rule language: how many, which, said as a sentence, why; and whether a rule is one."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from tamis.app.api.cursors import place_of, written_place
from tamis.app.api.operations import operation
from tamis.app.api.shapes import MOST, Asked
from tamis.app.gates import Right
from tamis.app.services import rules as service
from tamis.messages import language, speaking
from tamis.rules.nodes import Subject
from tamis.rules.parsing import LONGEST
from tamis.rules.sentences.lexing import LONGEST_SENTENCE
from tamis.rules.storing import as_json

router = Router(tags=["rules"])


class RuleIn(Asked):
    """A rule as people write it."""

    rule: str = Field(
        max_length=LONGEST, description="The rule; docs/reference/rules.md is its language.",
        examples=['companies where city = "Lyon" and headcount >= 10'],
    )  # fmt: skip


class QuestionIn(RuleIn):
    """A rule, and as of when it is asked."""

    now: str | None = Field(
        None, max_length=40, examples=["2026-03-31T18:00:00+02:00"],
        description="Events up to this instant count; fields are as they are today. Without it, this moment. Without a "
        "time zone, it is the workspace's local time.",
    )  # fmt: skip

    @property
    def instant(self) -> datetime | None:
        """The instant, if one is named."""
        return service.instant(self.now) if self.now else None


class SelectIn(QuestionIn):
    """A rule, and which page of its answer."""

    cursor: str = Field("", max_length=1000, description="`next` of the page before; without it, the first page.")
    limit: int = Field(50, ge=1, le=MOST, description="How many items at most.")


class ExplainIn(QuestionIn):
    """A rule, and the company or contact that it is explained of."""

    company: str = Field("", max_length=60, description="The company's number, SIREN or name, for rules on companies.")
    contact: str = Field("", max_length=254, description="The contact's number, address, key or name, for the others.")


class RuleAnswerOut(Schema):
    """As of when an answer is."""

    subject: Subject
    as_of: datetime = Field(description="Everything acknowledged before this moment is in the answer.")
    now: datetime = Field(description="The instant that the rule took for now.")
    note: str | None = Field(
        description="What has to be known: that the instant is past, that a property of events is none that is defined."
    )


class RuleCount(RuleAnswerOut):
    """How many there are."""

    count: int
    milliseconds: float = Field(description="How long it took.")


class RuleHit(Schema):
    """A company or a contact that a rule selects; what the other kind has is null."""

    id: int
    name: str
    status: str | None
    siren: str | None = None
    segment: str | None = None
    list: str | None = None
    city: str | None = None
    email: str | None = None
    company: str | None = None
    company_id: int | None = None
    job_title: str | None = None


class RulePage(RuleAnswerOut):
    """A page of those that a rule selects, in the order of their numbers."""

    items: list[RuleHit]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


class RuleSentence(Schema):
    """A rule, written canonically and said as a sentence."""

    rule: str
    subject: Subject
    sentence: str = Field(description="In the language of `Accept-Language` (fr, en), or of a sentence.")


class SentenceIn(Asked):
    """A rule said as a sentence, in a language."""

    sentence: str = Field(
        max_length=LONGEST_SENTENCE, description="Written as `POST /rules/describe` says rules.",
        examples=["Entreprises dont la ville est « Lyon » et dont l'effectif est d'au moins 10"],
    )  # fmt: skip
    language: Literal["fr", "en"] | None = Field(
        None, description="Of the sentence, and of the one given back; without it, that of `Accept-Language`."
    )


class RuleTree(Schema):
    """A rule that can be asked: its canonical text, and its nodes."""

    rule: str
    subject: Subject
    tree: dict[str, Any] = Field(description="The stored form: each node has its tag in `node`.")


class RuleEvent(Schema):
    """An event that decided a node, with what it says that the rule asks about."""

    id: str
    ts: datetime
    kind: str
    values: dict[str, str]


class Somebody(Schema):
    """Whom a node is about, where that is somebody else than the whole rule."""

    subject: Subject
    id: int
    name: str


class RuleNode(Schema):
    """A node of a rule, and how it is with one company or contact."""

    node: str = Field(description="The tag of the node, as in the rule's stored form.")
    text: str = Field(description="What the node asks, in words.")
    holds: bool
    found: str = Field(description="What there is, in words.")
    note: str = Field(description="What has to be known about it, such as that a headcount is a bracket's lower bound.")
    values: list[str] = Field(description="What was compared; empty where it is missing.")
    count: int | None = Field(description="How many events, or contacts, there are.")
    events: list[RuleEvent] = Field(description="The last of the events that decided.")
    turns: datetime | None = Field(description="When time alone changes `holds`; null when it does not.")
    of: Somebody | None
    parts: "list[RuleNode]"


class RuleExplained(RuleAnswerOut):
    """Why a rule holds of one, or does not."""

    id: int
    name: str
    holds: bool
    explanation: RuleNode


@operation(router, "POST", "/rules/count", Right.READ, RuleCount, together=False)
def count_rule(request: HttpRequest, data: QuestionIn) -> Any:
    """How many companies or contacts a rule selects: everything acknowledged before is seen."""
    return service.count(data.rule, data.instant).as_json()


@operation(router, "POST", "/rules/select", Right.READ, RulePage, together=False)
def select_rule(request: HttpRequest, data: SelectIn) -> Any:
    """Which companies or contacts a rule selects, a page at a time; every page is as of the first one's instant."""
    name = f"rules:{data.rule}"
    now, after = place_of(data.cursor, name) if data.cursor else (None, 0)
    instant = datetime.fromisoformat(now) if now else data.instant
    found = service.select(data.rule, instant, after=after, most=data.limit + 1)
    items = [*found.rows(data.limit)]
    more = found.count > data.limit
    place = [found.question.now.isoformat(), found.ids[data.limit - 1].as_py()] if more else None
    return found.as_json() | {"items": items, "next": written_place(place, name) if place else None}


@operation(router, "POST", "/rules/describe", Right.READ, RuleSentence, together=False)
def describe_rule(request: HttpRequest, data: RuleIn) -> Any:
    """A rule said as a sentence."""
    question = service.ask(data.rule)
    return {"rule": question.text, "subject": question.subject, "sentence": question.sentence}


@operation(router, "POST", "/rules/read", Right.READ, RuleSentence, together=False)
def read_rule(request: HttpRequest, data: SentenceIn) -> Any:
    """The rule that a sentence says, and the sentence as Tamis says it; or where it cannot be read."""
    with speaking(data.language or language.get()):
        question = service.read(data.sentence)
        return {"rule": question.text, "subject": question.subject, "sentence": question.sentence}


@operation(router, "POST", "/rules/explain", Right.READ, RuleExplained, refuses=(404,), together=False)
def explain_rule(request: HttpRequest, data: ExplainIn) -> Any:
    """Why a rule holds of a company or a contact, or does not: each node with what decided it."""
    return service.explain(data.rule, data.instant, company=data.company, contact=data.contact).as_json()


@operation(router, "POST", "/rules/check", Right.READ, RuleTree, together=False)
def check_rule(request: HttpRequest, data: RuleIn) -> Any:
    """Whether a rule can be asked: its canonical text and its nodes, or where it is wrong and what was meant."""
    question = service.ask(data.rule)
    return {"rule": question.text, "subject": question.subject, "tree": as_json(question.rule)}
