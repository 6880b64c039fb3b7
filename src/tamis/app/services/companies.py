"""Companies: found, typed in, moved by hand, and shown with their claims and their past."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from tamis.app.models import (
    Act,
    Claim,
    ClaimKind,
    Company,
    CompanyIdentifier,
    CompanyName,
    List,
    Move,
    Source,
)
from tamis.app.services import company_writing as writing
from tamis.app.services import sorting
from tamis.app.services.acting import Actor, acting
from tamis.app.services.custom_fields import typed_columns
from tamis.app.services.lists import refuse_gone
from tamis.app.services.waiting import answer_lines, rematch
from tamis.errors import NotFound, Refused
from tamis.identity.folding import name_key
from tamis.messages import Message, say, say_many
from tamis.sources.companies import CompanyRecord, read_cells
from tamis.sources.company_fields import BY_KEY
from tamis.sources.lists import Fault


def existing() -> QuerySet[Company]:
    """The companies there are; one that was merged into another is part of that one."""
    return Company.objects.filter(merged_into=None)


def find(word: str) -> Company:
    """A company by its id or SIREN, following merges. Raises :class:`~tamis.errors.NotFound`."""
    digits = "".join(word.split())
    company = None
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        if len(digits) == 9:
            company = _with_siren(digits).first()
        company = company or Company.objects.filter(pk=int(digits)).first()
    if company is None:
        raise NotFound(say("Aucune entreprise n'a l'identifiant ou le SIREN « {word} ».", word=word[:60]))
    return _standing(company)


def find_by_id(pk: int) -> Company:
    """A company by its number, following merges. Raises :class:`~tamis.errors.NotFound`."""
    company = Company.objects.filter(pk=pk).first()
    if company is None:
        raise NotFound(say("Aucune entreprise n'a le numéro {id}.", id=pk))
    return _standing(company)


def _standing(company: Company) -> Company:
    """The company, or the one that it was merged into."""
    while company.merged_into is not None:
        company = company.merged_into
    return company


def _with_siren(siren: str) -> QuerySet[Company]:
    """The company that has this SIREN, as its own or by a merge."""
    merged = CompanyIdentifier.objects.filter(type=CompanyIdentifier.Type.SIREN, value=siren)
    return Company.objects.filter(Q(siren=siren) | Q(pk__in=merged.values("company")))


class BadFields(Refused):
    """Values typed for a company that cannot be read: ``faults`` has one entry a field."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0].sentence()
        super().__init__(first, "fields")
        self.faults = tuple(faults)


def add(actor: Actor, values: Mapping[str, str]) -> Company:
    """A company typed in by hand, from texts by field key. Raises :class:`BadFields`, or ``Refused`` for a double."""
    record = _typed(values)
    if not record.names:
        raise BadFields([Fault(BY_KEY["name"].heading, "name.missing", say("le nom manque"))])
    with acting(actor, Act.Kind.COMPANY_ADDED, say("« {name} » saisie", name=record.name)) as act:
        _refuse_known(record)
        pen = writing.Pen(Source.Kind.HAND, actor.by, timezone.localdate(), lambda: act)
        [company] = writing.create([record], pen, sorting.unclassified())
        answer_lines(act, [company.pk])
    return Company.objects.get(pk=company.pk)


def edit(actor: Actor, company: Company, values: Mapping[str, str]) -> bool:
    """Write typed values onto a company; whether anything changed. An empty text empties a plain field."""
    record = _typed({key: text for key, text in values.items() if text.strip()})
    emptied = [key for key, text in values.items() if not text.strip()]
    note = say("« {name} » modifiée", name=company.name)
    with acting(actor, Act.Kind.COMPANY_EDITED, note) as act:
        _refuse_known(record, but=company)
        known, dates = writing.load([company.pk])
        pen = writing.Pen(Source.Kind.HAND, actor.by, timezone.localdate(), lambda: act)
        changed = writing.empty(known[company.pk].company, emptied)
        changed |= writing.update(known[company.pk], record, pen, dates)
        if changed:
            known[company.pk].company.save()
            _match_again(act, company)
    return changed


def drop(actor: Actor, company: Company, text: str) -> None:
    """Take a wrong name, identifier or domain away from a company; lines that it alone had matched are matched anew.

    Raises :class:`~tamis.errors.NotFound` for a text the company does not have, ``Refused`` for the name it goes by.
    """
    key, value = name_key(text), text.strip()
    note = say("« {value} » enlevé de « {name} »", value=value, name=company.name)
    with acting(actor, Act.Kind.COMPANY_EDITED, note) as act:
        company = Company.objects.get(pk=company.pk)
        wrong = [
            company.identifiers.filter(value__iexact="".join(value.split())),
            company.domains.filter(host=value.lower()),
            company.names.filter(key=key) if key else CompanyName.objects.none(),
        ]
        found = next((rows for rows in wrong if rows.exists()), None)
        if found is None:
            raise NotFound(
                say("« {name} » n'a ni nom, ni identifiant, ni domaine « {text} ».", name=company.name, text=value)
            )
        if found is wrong[-1] and key == company.name_key:
            raise Refused(
                say("C'est le nom sous lequel elle est connue : donnez-lui d'abord une autre raison sociale."),
                "name.last",
            )
        found.delete()
        _match_again(act, company)


def _match_again(act: Act, company: Company) -> None:
    """Match anew the lines that named a company before it changed, and those that may name it now."""
    rematch(act, [*company.lines.filter(removed_by=None).select_related("version")])
    answer_lines(act, [company.pk])


def _typed(values: Mapping[str, str]) -> CompanyRecord:
    record = read_cells(0, typed_columns(values))
    if record.dropped:
        raise BadFields(record.dropped)
    return record


def _refuse_known(record: CompanyRecord, but: Company | None = None) -> None:
    """Refuse a company whose identifiers another one already has."""
    holders = set(writing.holders_of_identifiers([record]).values())
    if record.siren:
        holders |= {*_with_siren(record.siren).values_list("pk", flat=True)}
    others = Company.objects.filter(pk__in=holders - ({but.pk} if but else set()))
    if other := others.first():
        raise Refused(
            say("Cet identifiant est déjà celui de « {name} » (n° {id}).", name=other.name, id=other.pk),
            "company.known",
        )


@dataclass(frozen=True)
class Moved:
    """What a move by hand did: how many companies changed list, how many were there already, and the act itself."""

    moved: int
    already_there: int
    act: Act


def move(actor: Actor, target: List, ids: Iterable[int]) -> Moved:
    """Pin companies to a list by hand: they go there, out of a locked list too, and stay until the pin is released."""
    wanted = {*ids}
    note = say_many(
        "{n} entreprise vers « {list} »", "{n} entreprises vers « {list} »", n=len(wanted), list=target.name
    )
    with acting(actor, Act.Kind.COMPANIES_MOVED, note, target) as act:
        refuse_gone(target)
        there = sorted(existing().filter(pk__in=wanted).values_list("pk", flat=True))
        if len(there) < len(wanted):
            missing = min(wanted - {*there})
            raise NotFound(say("L'entreprise n° {id} n'existe pas ou plus : rien n'a été déplacé.", id=missing))
        sorting.claim_by_hand(act, target, there)
        moved = sorting.settle(act, there)
    return Moved(moved, len(there) - moved, act)


def release(actor: Actor, ids: Iterable[int]) -> int:
    """Take the pins of companies away, so that their other claims decide; how many moved."""
    wanted = sorted({*ids})
    note = say_many("{n} épingle retirée", "{n} épingles retirées", n=len(wanted))
    with acting(actor, Act.Kind.COMPANIES_RELEASED, note) as act:
        pins = Claim.objects.filter(company__in=wanted, kind=ClaimKind.HAND, withdrawn_by=None)
        if not pins.update(withdrawn_by=act):
            raise Refused(say("Aucune de ces entreprises n'est épinglée."), "pin.none")
        return sorting.settle(act, wanted)


def standing_claims(company: Company) -> QuerySet[Claim]:
    """The claims on a company, the strongest first."""
    claims = Claim.objects.filter(company=company, withdrawn_by=None)
    return claims.select_related("list", "line__version", "made_by", "audience").order_by(*Claim.STRONGEST_FIRST)


MOST_PAST = 100
"""So many claims and moves of the past are told of one company, the latest."""


def past_claims(company: Company) -> QuerySet[Claim]:
    """The claims on a company that were withdrawn, the last one first."""
    claims = Claim.objects.filter(company=company).exclude(withdrawn_by=None)
    claims = claims.select_related("list", "line__version", "made_by", "withdrawn_by", "audience")
    return claims.order_by("-withdrawn_by", "-pk")[:MOST_PAST]


def past_moves(company: Company) -> QuerySet[Move]:
    """The moves of a company, the latest first."""
    moves = Move.objects.filter(company=company)
    return moves.select_related(
        "from_list", "to_list", "act", "claim__line__version", "claim__made_by", "claim__audience"
    ).order_by("-pk")


def claims_at(move: Move) -> QuerySet[Claim]:
    """The claims that stood when a company moved, the strongest first."""
    claims = Claim.objects.filter(company=move.company_id, made_by__lte=move.act_id)
    stood = claims.filter(Q(withdrawn_by=None) | Q(withdrawn_by__gt=move.act_id))
    stood = stood.filter(Q(restored_by=None) | Q(restored_by__lte=move.act_id))
    return stood.select_related("list", "line__version", "made_by", "audience").order_by(*Claim.STRONGEST_FIRST)


def reason(claim: Claim | None) -> Message:
    """Why a claim was made, in words."""
    if claim is None:
        return say("plus rien ne la réclame")
    if claim.kind == ClaimKind.HAND:
        return say("à la main, par {by}", by=claim.made_by.by)
    if claim.line is not None:
        return say("import {file}, ligne {line}", file=claim.line.version.file_name, line=claim.line.number)
    if claim.audience is not None:
        return say("règle de l'audience « {name} »", name=claim.audience.name)
    if claim.kind == ClaimKind.RULE and claim.made_by.note:
        return say("règle d'une audience supprimée : {what}", what=claim.made_by.note)
    return say("{kind}", kind=claim.get_kind_display())


def reason_of(move: Move) -> Message:
    """Why a company moved, in words."""
    if move.act.kind == Act.Kind.MOVE_UNDONE:
        return say("déplacement annulé, par {by}", by=move.act.by)
    return reason(move.claim)
