"""What an import does with each line of its file, and with each company that it touches beside them: where, and why."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypedDict

from tamis.app.models import Act, Claim, Company, LineStatus, ListLine, ListVersion, Move
from tamis.app.services import sorting
from tamis.app.services.companies import reason
from tamis.app.services.list_versions import refused_lines
from tamis.messages import Message, StoredMessage, say


class Outcome(StrEnum):
    """What becomes of a line, or of a company that leaves."""

    MOVED = "moved"
    THERE = "there"
    LOCKED = "locked"
    OUTRANKED = "outranked"
    WAITING = "waiting"
    REVIEW = "review"
    REFUSED = "refused"
    RELEASED = "released"


class Why(TypedDict):
    """A reason: the column that it is about, if any, and the words."""

    column: str
    reason: StoredMessage


@dataclass(frozen=True)
class LineOutcome:
    """One line of the file, or with ``number`` 0 a company that no line names; messages are stored for any language."""

    number: int
    outcome: str
    cells: list[str]
    company: int | None = None
    company_name: str = ""
    other_list: str = ""
    """Where the company comes from, goes to, or is kept."""
    why: list[Why] = field(default_factory=list)
    repairs: list[StoredMessage] = field(default_factory=list)


def outcomes(version: ListVersion, act: Act) -> Iterator[LineOutcome]:
    """Every line in the order of the file, then the companies that leave or are kept without a line.

    Asked within the act's transaction, once it has sorted.
    """
    moves = {move.company_id: move for move in act.moves.select_related("from_list", "to_list")}
    strongest = _strongest(version)
    refused = {line.number: line for line in refused_lines(version)}
    lines = {line.number: line for line in version.lines.select_related("company__list")}
    for number in sorted({*refused, *lines}):
        if number in lines:
            yield _of_line(version, lines[number], moves, strongest)
        else:
            faults = [Why(column=fault.column, reason=fault.reason.stored()) for fault in refused[number].faults]
            yield LineOutcome(number, Outcome.REFUSED, [*refused[number].cells], why=faults)
    yield from _beside(version, act, moves)


def _of_line(version: ListVersion, line: ListLine, moves: dict[int, Move], strongest: dict[int, Claim]) -> LineOutcome:
    cells = [line.name, line.siren or "", line.email_domain or "", line.website or ""]
    told: dict[str, Any] = {"number": line.number, "cells": cells, "repairs": line.repairs}
    company = line.company
    if company is None:
        doubt = line.status == LineStatus.REVIEW
        why = line.doubt_message or say("aucune entreprise connue n'a ces clés : la ligne l'attend")
        return LineOutcome(outcome=Outcome.REVIEW if doubt else Outcome.WAITING, why=_because(why), **told)
    told |= {"company": company.pk, "company_name": company.name}
    evidence = _because(Message.read(line.candidates[0]["evidence"])) if line.candidates else []
    if company.list_id == version.list_id:
        move = moves.get(company.pk)
        origin = move.from_list.name if move and move.from_list else ""
        return LineOutcome(outcome=Outcome.MOVED if move else Outcome.THERE, other_list=origin, why=evidence, **told)
    outcome, why = _kept_elsewhere(version, company, strongest.get(company.pk))
    return LineOutcome(outcome=outcome, other_list=company.list.name, why=[*_because(why), *evidence], **told)


def _kept_elsewhere(version: ListVersion, company: Company, claim: Claim | None) -> tuple[Outcome, Message]:
    if claim is None or claim.list_id == version.list_id:
        return Outcome.LOCKED, say("« {list} » est verrouillée", list=company.list.name)
    return Outcome.OUTRANKED, say("une réclamation plus forte : {reason}", reason=reason(claim))


def _strongest(version: ListVersion) -> dict[int, Claim]:
    """The strongest standing claim of each company that a line names but that is in another list."""
    elsewhere = version.lines.exclude(company=None).exclude(company__list=version.list_id)
    claims = Claim.objects.filter(company__in=elsewhere.values("company"), withdrawn_by=None)
    strongest: dict[int, Claim] = {}
    for claim in claims.select_related("line__version", "made_by", "audience").order_by(
        "company", *Claim.STRONGEST_FIRST
    ):
        strongest.setdefault(claim.company_id, claim)
    return strongest


def _beside(version: ListVersion, act: Act, moves: dict[int, Move]) -> Iterator[LineOutcome]:
    """The companies that no line names: those that leave the list, and those that its lock keeps."""
    named = {*version.lines.exclude(company=None).values_list("company_id", flat=True)}
    leaving = [move for move in moves.values() if move.from_list_id == version.list_id]
    companies = Company.objects.in_bulk([move.company_id for move in leaving])
    for move in leaving:
        company = companies[move.company_id]
        why = say("plus aucune ligne de la liste ne la nomme")
        yield LineOutcome(
            0, Outcome.RELEASED, _cells(company), company.pk, company.name, move.to_list.name, _because(why)
        )
    for company in Company.objects.filter(pk__in=sorting.held_ids(act, sorting.touched_by(act)), list=version.list_id):
        if company.pk not in named:
            why = say("le verrou de la liste la garde, sans ligne qui la nomme")
            yield LineOutcome(0, Outcome.LOCKED, _cells(company), company.pk, company.name, "", _because(why))


def _because(reason: Message) -> list[Why]:
    return [Why(column="", reason=reason.stored())]


def _cells(company: Company) -> list[str]:
    return [company.name, company.siren or "", "", ""]
