"""Doubts, and what people say of them: a person's word is final, remembered, and can be taken back."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from tamis.app.models import Act, Company, Judgement, LineStatus, ListLine
from tamis.app.services.acting import Actor, acting
from tamis.app.services.lists import held_lines, line_counts
from tamis.app.services.waiting import rematch
from tamis.errors import NotFound, Refused
from tamis.messages import Message, say


def queue() -> QuerySet[ListLine]:
    """The lines that wait for a person, the oldest import first: a row for each list that holds the line."""
    lines = held_lines().filter(status=LineStatus.REVIEW)
    return lines.select_related("version__list").order_by("pk")


@dataclass(frozen=True)
class Choice:
    """A company that a line may mean, with the evidence for it."""

    company: Company
    method: str
    score: float
    evidence: Message


def choices(line: ListLine) -> list[Choice]:
    """The candidates of a line, best first; those merged meanwhile stand for the company they are part of."""
    known = Company.objects.select_related("list", "merged_into__list").in_bulk(
        [candidate["company"] for candidate in line.candidates]
    )
    found: dict[int, Choice] = {}
    for candidate in line.candidates:
        company = known.get(candidate["company"])
        while company is not None and company.merged_into is not None:
            company = company.merged_into
        if company is not None:
            evidence = Message.read(candidate["evidence"])
            found.setdefault(company.pk, Choice(company, candidate["method"], candidate["score"], evidence))
    return [*found.values()]


def find_line(pk: int) -> ListLine:
    """A line that a list holds. Raises :class:`~tamis.errors.NotFound`."""
    line = held_lines().select_related("version__list").filter(pk=pk).first()
    if line is None:
        raise NotFound(say("La ligne n° {id} n'existe pas ou plus.", id=pk))
    return line


def accept(actor: Actor, line: ListLine, company: Company) -> int:
    """The line is this company, now and at every later import; how many held lines it decided."""
    return _judge(
        actor, line, {company.pk: True}, say("« {line} » est « {company} »", line=line.name, company=company.name)
    )


def refuse(actor: Actor, line: ListLine, company: Company) -> int:
    """The line is not this company, whether it was proposed or taken automatically."""
    note = say("« {line} » n'est pas « {company} »", line=line.name, company=company.name)
    return _judge(actor, line, {company.pk: False}, note)


def none_of_these(actor: Actor, line: ListLine) -> int:
    """The line is none of its candidates: it waits for a company not known yet."""
    verdicts = dict.fromkeys((choice.company.pk for choice in choices(line)), False)
    return _judge(actor, line, verdicts, say("« {line} » n'est aucune des entreprises proposées", line=line.name))


def undo(actor: Actor, judgement: Judgement) -> int:
    """Take a person's word back: the lines are matched as if it had not been said."""
    note = say("Réponse retirée pour « {line} »", line=judgement.name)
    with acting(actor, Act.Kind.JUDGEMENT_UNDONE, note) as act:
        if not Judgement.objects.filter(pk=judgement.pk, undone_by=None).update(undone_by=act):
            raise Refused(say("Cette réponse est déjà retirée."), "judgement.undone")
        return _rematch_alike(act, judgement.fingerprint)


def judgements() -> QuerySet[Judgement]:
    """What people said and stands, the latest first."""
    return Judgement.objects.filter(undone_by=None).select_related("company", "made_by").order_by("-pk")


def find_judgement(pk: int) -> Judgement:
    """An answer by its number, taken back or not. Raises :class:`~tamis.errors.NotFound`."""
    said = Judgement.objects.select_related("company", "made_by").filter(pk=pk).first()
    if said is None:
        raise NotFound(say("Aucune réponse n° {id}.", id=pk))
    return said


def line_as_json(line: ListLine) -> dict[str, Any]:
    """A line to be reviewed as the command line and the API show it, with its candidates, best first."""
    return {
        "id": line.pk,
        "list": line.version.list.name,
        "number": line.number,
        "name": line.name,
        "siren": line.siren,
        "email_domain": line.email_domain,
        "website": line.website,
        "doubt": line.doubt_message,
        "candidates": [
            {
                "company": choice.company.pk,
                "name": choice.company.name,
                "siren": choice.company.siren,
                "method": choice.method,
                "score": choice.score,
                "evidence": choice.evidence,
            }
            for choice in choices(line)
        ],
    }


def judgement_as_json(said: Judgement) -> dict[str, Any]:
    """What somebody said as the command line and the API show it."""
    return {
        "id": said.pk,
        "line": said.name,
        "siren": said.siren or None,
        "company": said.company_id,
        "company_name": said.company.name,
        "same": said.same,
        "by": said.made_by.by,
        "at": said.made_by.at,
    }


def _judge(actor: Actor, line: ListLine, verdicts: Mapping[int, bool], note: Message) -> int:
    """Remember what a person said of a line, and let it decide every held line that says the same."""
    if not verdicts:
        raise Refused(say("Aucune entreprise n'est proposée pour cette ligne."), "judgement.none")
    with acting(actor, Act.Kind.LINE_JUDGED, note, line.version.list) as act:
        standing = Judgement.objects.filter(fingerprint=line.fingerprint, undone_by=None)
        if True in verdicts.values():
            standing.filter(same=True).update(undone_by=act)
        standing.filter(company__in=verdicts).update(undone_by=act)
        ranks = {choice.company.pk: rank for rank, choice in enumerate(choices(line))}
        Judgement.objects.bulk_create(
            Judgement(
                fingerprint=line.fingerprint,
                company_id=company,
                same=same,
                name=line.name,
                siren=line.siren or "",
                email_domain=line.email_domain or "",
                website=line.website or "",
                status=line.status,
                method=line.method,
                rank=ranks.get(company),
                made_by=act,
            )
            for company, same in verdicts.items()
        )
        return _rematch_alike(act, line.fingerprint)


def _rematch_alike(act: Act, fingerprint: str) -> int:
    alike = ListLine.objects.filter(fingerprint=fingerprint, removed_by=None, version__list__deleted_at=None)
    lines = [*alike.select_related("version").order_by("pk")]
    rematch(act, lines)
    return len(lines)


@dataclass(frozen=True)
class Quality:
    """How good matching was, as far as people have said: all are counts of lines or of answers."""

    automatic: dict[str, int]
    automatic_refused: int
    accepted: int
    accepted_first: int
    accepted_elsewhere: int
    refused: int


def _automatic() -> Counter[str]:
    """How many lines were matched without a person, by method."""
    counts: Counter[str] = Counter()
    for of_list in line_counts(by=("status", "method")).values():
        for (status, method), n in of_list.items():
            if status == LineStatus.MATCHED and method != "judgement":
                counts[method] += n
    return counts


def matched_by(method: str) -> QuerySet[ListLine]:
    """The lines that lists hold and that were matched by a method: as many as :func:`quality` counts of it."""
    lines = held_lines().filter(status=LineStatus.MATCHED, method=method)
    return lines.select_related("company__list", "version__list").order_by("pk")


def quality() -> Quality:
    """Lines matched automatically, by method; how often people undid one; how often the first candidate was right."""
    said = judgements().exclude(method="judgement")  # an answer that replaces an answer says nothing about matching
    accepted = said.filter(same=True)
    return Quality(
        automatic=dict(sorted(_automatic().items(), key=lambda each: (-each[1], each[0]))),
        automatic_refused=said.filter(same=False, status=LineStatus.MATCHED).count(),
        accepted=accepted.count(),
        accepted_first=accepted.filter(rank=0).count(),
        accepted_elsewhere=accepted.filter(rank=None).count(),
        refused=said.filter(same=False).count(),
    )
