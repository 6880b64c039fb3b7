"""Lines that wait for a person, and what people say of them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from tamis.app.api.cursors import NEWEST, OLDEST, page
from tamis.app.api.errors import Invalid
from tamis.app.api.lists import the_list
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import Asked, Id, Many, Page, Paging, Said
from tamis.app.gates import Right
from tamis.app.services import companies
from tamis.app.services import review as service
from tamis.app.services.acting import Actor
from tamis.messages import say

router = Router(tags=["review"])


class Candidate(Schema):
    """A company that a line may mean, with the evidence for it."""

    company: int
    name: str
    siren: str | None
    method: str = Field(examples=["domain"])
    score: float = Field(description="From 0 to 1.")
    evidence: Said


class Doubt(Schema):
    """A line that waits for a person."""

    id: int
    list: str
    number: int
    name: str
    siren: str | None
    email_domain: str | None
    website: str | None
    doubt: Said | None = Field(description="Why a person has to say.")
    candidates: Many[Candidate] = Field(description="The best first.")


class DoubtsAsked(Paging):
    """Which lines."""

    list_id: Id | None = Field(None, description="Only lines of this list.")


@operation(router, "GET", "/review", Right.READ, Page[Doubt], refuses=(404,))
def get_doubts(request: HttpRequest, asked: Query[DoubtsAsked]) -> Any:
    """The lines that wait for a person, the oldest import first, with their candidates."""
    lines = service.queue()
    if asked.list_id is not None:
        lines = lines.filter(version__list=the_list(asked.list_id))
    found, beyond = page(lines, asked, OLDEST)
    return {"items": [service.line_as_json(line) for line in found], "next": beyond}


class Verdict(Asked):
    """What a person says of a line."""

    line: Id
    verdict: Literal["accept", "refuse", "none"] = Field(
        description="It is this company; it is not this company; or it is none of its candidates."
    )
    company: Id | None = Field(None, description="The company, for `accept` and `refuse`.")


class VerdictsIn(Asked):
    """What a person says of many lines."""

    answers: list[Verdict] = Field(min_length=1, max_length=500)


class CompanyChosen(Asked):
    """A company."""

    company: Id


class Decided(Schema):
    """How many lines were decided."""

    lines: int = Field(description="Lines decided: the same line in several lists is decided at once.")


def _say(actor: Actor, said: Verdict) -> int:
    line = service.find_line(said.line)
    if said.verdict == "none":
        return service.none_of_these(actor, line)
    if said.company is None:
        raise Invalid(say("Dites quelle entreprise."), "verdict.company", field="company", where="body")
    judge = service.accept if said.verdict == "accept" else service.refuse
    return judge(actor, line, companies.find_by_id(said.company))


@operation(router, "POST", "/review/answers", Right.SORT, Decided, refuses=(404,))
def answer_doubts(request: HttpRequest, data: VerdictsIn) -> Any:
    """Answer many lines: all of them or, when one cannot be, none."""
    with transaction.atomic():
        return {"lines": sum(_say(actor_of(request), each) for each in data.answers)}


@operation(router, "POST", "/review/{int:line_id}/accept", Right.SORT, Decided)
def accept_company(request: HttpRequest, line_id: Id, data: CompanyChosen) -> Any:
    """The line is this company, now and at every import of the same line."""
    return {"lines": _say(actor_of(request), Verdict(line=line_id, verdict="accept", company=data.company))}


@operation(router, "POST", "/review/{int:line_id}/refuse", Right.SORT, Decided)
def refuse_company(request: HttpRequest, line_id: Id, data: CompanyChosen) -> Any:
    """The line is not this company."""
    return {"lines": _say(actor_of(request), Verdict(line=line_id, verdict="refuse", company=data.company))}


@operation(router, "POST", "/review/{int:line_id}/none", Right.SORT, Decided)
def refuse_all(request: HttpRequest, line_id: Id) -> Any:
    """The line is none of its candidates: it waits for a company nobody knows yet."""
    return {"lines": _say(actor_of(request), Verdict(line=line_id, verdict="none", company=None))}


class AnswerOut(Schema):
    """What a person said."""

    id: int
    line: str = Field(description="The name that the line bears.")
    siren: str | None
    company: int
    company_name: str
    same: bool = Field(description="Whether the line is the company.")
    by: str
    at: datetime


@operation(router, "GET", "/review/answers", Right.READ, Page[AnswerOut])
def get_answers(request: HttpRequest, paging: Query[Paging]) -> Any:
    """What people said and stands, the latest first."""
    found, beyond = page(service.judgements(), paging, NEWEST)
    return {"items": [service.judgement_as_json(said) for said in found], "next": beyond}


@operation(router, "POST", "/review/answers/{int:answer_id}/undo", Right.SORT, Decided)
def undo_answer(request: HttpRequest, answer_id: Id) -> Any:
    """Take an answer back: its lines are matched as if it had not been given."""
    return {"lines": service.undo(actor_of(request), service.find_judgement(answer_id))}


class QualityOut(Schema):
    """How good automatic matching was, as far as people have said: counts of lines or of answers."""

    automatic: dict[str, int] = Field(description="Lines matched automatically, by method.", examples=[{"siren": 120}])
    automatic_refused: int = Field(description="Of these, undone by a person.")
    accepted: int
    accepted_first: int = Field(description="Of the accepted, the first candidate.")
    accepted_elsewhere: int = Field(description="Of the accepted, a company that was not proposed.")
    refused: int


@operation(router, "GET", "/review/quality", Right.READ, QualityOut)
def get_quality(request: HttpRequest) -> Any:
    """How good automatic matching was, as far as people have said."""
    return asdict(service.quality())
