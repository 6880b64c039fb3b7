"""Two companies made one, and one made two again, without loss.

The absorbed company keeps its row and its values. What it brought (names, identifiers, domains, claims, moves, lines)
goes to the one that is kept, row by row, and the merge remembers which rows and which values; splitting gives exactly
these back, and leaves alone what came since.
"""

from typing import Any

from django.db.models import Model
from django.utils import timezone

from tamis.app.models import (
    Act,
    Claim,
    Company,
    CompanyDomain,
    CompanyIdentifier,
    CompanyName,
    CompanyTag,
    Contact,
    Judgement,
    ListLine,
    Merge,
    Move,
    Source,
    Tagged,
)
from tamis.app.services import audience_holds, company_values, sorting
from tamis.app.services.acting import Actor, acting
from tamis.app.services.company_writing import EMPTIABLE
from tamis.app.services.waiting import answer_lines, share_lines
from tamis.errors import NotFound, Refused
from tamis.messages import say

_PARTS: dict[str, type[Model]] = {
    "names": CompanyName, "identifiers": CompanyIdentifier, "domains": CompanyDomain, "moves": Move, "lines": ListLine,
    "judgements": Judgement, "contacts": Contact, "tags": CompanyTag,
}  # fmt: skip
_UNIQUE = {"names": ("kind", "key"), "domains": ("use", "host"), "judgements": ("fingerprint",), "tags": ("tag",)}
"""What a company may have only once: the absorbed company's equal rows stay with it."""
_ONLY: dict[str, dict[str, Any]] = {"tags": {"by__lt": Tagged.By.RULE}}
"""What goes at all: a rule's tag hangs on who is a member of what."""


def find(pk: int) -> Merge:
    """A merge by its number. Raises :class:`~tamis.errors.NotFound`."""
    merged = Merge.objects.select_related("kept", "absorbed").filter(pk=pk).first()
    if merged is None:
        raise NotFound(say("Aucune fusion n° {id}.", id=pk))
    return merged


def merge(actor: Actor, kept: Company, absorbed: Company) -> Merge:
    """Make ``absorbed`` part of ``kept``; empty fields of the one kept are filled from the other."""
    if kept.pk == absorbed.pk:
        raise Refused(say("Une entreprise ne peut pas être fusionnée avec elle-même."), "merge.self")
    note = say("« {absorbed} » fusionnée dans « {kept} »", absorbed=absorbed.name, kept=kept.name)
    with acting(actor, Act.Kind.COMPANIES_MERGED, note) as act:
        kept, absorbed = Company.objects.get(pk=kept.pk), Company.objects.get(pk=absorbed.pk)
        if kept.merged_into_id or absorbed.merged_into_id:
            raise Refused(say("L'une des deux vient d'être fusionnée : rechargez la page."), "merge.gone")
        _let_stronger_tags_pass(absorbed, kept)
        record: dict[str, Any] = {part: _hand_over(part, absorbed, kept) for part in _PARTS}
        record["claims"] = _hand_over_claims(absorbed, kept)
        record["pins"] = audience_holds.hand_pins_over(absorbed.pk, kept.pk)
        record["siren"] = _hand_over_siren(act, absorbed, kept)
        record["filled"] = _fill(act, absorbed, kept)
        record["status"] = _fill_status(absorbed, kept)
        absorbed.merged_into = kept
        absorbed.save()
        kept.updated_at = timezone.now()
        kept.save()
        company_values.keep([kept])
        sorting.settle(act, [kept.pk])
        answer_lines(act, [kept.pk])
        return Merge.objects.create(kept=kept, absorbed=absorbed, act=act, record=record)


def split(actor: Actor, merged: Merge) -> Company:
    """Undo a merge: the absorbed company is back with what it brought. Raises ``Refused`` when undone already."""
    note = say("« {absorbed} » séparée de « {kept} »", absorbed=merged.absorbed.name, kept=merged.kept.name)
    with acting(actor, Act.Kind.COMPANIES_SPLIT, note) as act:
        merged = Merge.objects.select_related("kept", "absorbed").get(pk=merged.pk)
        kept, absorbed = merged.kept, merged.absorbed
        if merged.undone_by_id:
            raise Refused(say("Cette fusion est déjà défaite."), "merge.undone")
        if kept.merged_into_id:
            raise Refused(
                say("« {kept} » a été fusionnée depuis : défaites d'abord cette fusion-là.", kept=kept.name),
                "merge.later",
            )
        record = merged.record
        for part, model in _PARTS.items():
            model._default_manager.filter(pk__in=record.get(part, []), company=kept).update(company=absorbed)
        given_back = CompanyTag.objects.filter(pk__in=record.get("tags", []), company=absorbed)
        audience_holds.put_tags_again(act, kept.pk, [*given_back.values_list("tag", flat=True)])
        _give_back_claims(record["claims"], kept, absorbed)
        audience_holds.give_pins_back(record.get("pins", []), kept.pk, absorbed.pk)
        _give_back_values(record, kept, absorbed)
        share_lines(act, kept.pk, absorbed.pk)
        merged.undone_by = act
        merged.save(update_fields=["undone_by"])
        sorting.settle(act, [kept.pk, absorbed.pk])
        answer_lines(act, [kept.pk, absorbed.pk])
    return absorbed


def _hand_over(part: str, absorbed: Company, kept: Company) -> list[int]:
    """Give the rows of one kind to the company kept; the ids of those that went."""
    model = _PARTS[part]
    rows = model._default_manager.filter(company=absorbed, **_ONLY.get(part, {}))
    if unique := _UNIQUE.get(part):
        there = {*model._default_manager.filter(company=kept).values_list(*unique)}
        ids = [id for id, *key in rows.values_list("pk", *unique) if tuple(key) not in there]
    else:
        ids = [*rows.values_list("pk", flat=True)]
    model._default_manager.filter(pk__in=ids).update(company=kept)
    return ids


def _let_stronger_tags_pass(absorbed: Company, kept: Company) -> None:
    """Take off the tags that rules put on the company kept, where a person or an import put them on the other."""
    stronger = CompanyTag.objects.filter(company=absorbed, by__lt=Tagged.By.RULE).values("tag")
    CompanyTag.objects.filter(company=kept, by=Tagged.By.RULE, tag__in=stronger).delete()


def _hand_over_claims(absorbed: Company, kept: Company) -> list[int]:
    """Give the standing claims over; one that the company kept has already stays behind, silent while merged.

    So do those of rules: the company kept has its own, of the audiences that it is in.
    """
    there = {*Claim.objects.filter(company=kept, withdrawn_by=None).values_list("list_id", "kind")}
    standing = Claim.objects.filter(company=absorbed, withdrawn_by=None, audience=None)
    ids = [id for id, *key in standing.values_list("pk", "list_id", "kind") if tuple(key) not in there]
    Claim.objects.filter(pk__in=ids).update(company=kept)
    return ids


def _give_back_claims(ids: list[int], kept: Company, absorbed: Company) -> None:
    """Give back the claims that the absorbed company brought."""
    Claim.objects.filter(pk__in=ids, company=kept).update(company=absorbed)


def _hand_over_siren(act: Act, absorbed: Company, kept: Company) -> str | None:
    """The SIREN becomes the kept company's, or one more of its identifiers, so that it is still found by it."""
    siren = absorbed.siren
    if siren is None:
        return None
    Company.objects.filter(pk=absorbed.pk).update(siren=None)
    absorbed.siren = None
    if kept.siren is None:
        kept.siren = siren
        kept.provenance["siren"] = absorbed.provenance.get("siren")
    else:
        CompanyIdentifier.objects.create(company=kept, type="siren", value=siren, source=_source(act, absorbed))
    return siren


def _source(act: Act, absorbed: Company) -> Source:
    return Source.objects.get_or_create(
        act=act, kind=Source.Kind.MERGE, defaults={"label": absorbed.name[:255], "as_of": timezone.localdate(act.at)}
    )[0]


def _fill(act: Act, absorbed: Company, kept: Company) -> dict[str, Any]:
    """Fill the empty fields of the company kept; which ones, with the source that they keep."""
    filled: dict[str, Any] = {}
    for key in EMPTIABLE - {"siren"}:
        value = getattr(absorbed, key)
        if getattr(kept, key) in (None, "") and value not in (None, ""):
            setattr(kept, key, value)
            kept.provenance[key] = filled[key] = absorbed.provenance.get(key)
    for key, value in absorbed.extra.items():
        if key not in kept.extra:
            kept.extra[key] = value
            kept.provenance[f"extra.{key}"] = filled[f"extra.{key}"] = absorbed.provenance.get(f"extra.{key}")
    return filled


_STATUS = ("status_id", "status_source_id", "status_since")


def _fill_status(absorbed: Company, kept: Company) -> int | None:
    """Give the company kept the other's status where it has none; its source."""
    if kept.status_id or not absorbed.status_id:
        return None
    for column in _STATUS:
        setattr(kept, column, getattr(absorbed, column))
    return absorbed.status_source_id


def _give_back_values(record: dict[str, Any], kept: Company, absorbed: Company) -> None:
    """Empty again what the merge had filled, where nothing newer was written since; give the SIREN back."""
    for key, source in record["filled"].items():
        if kept.provenance.get(key) != source:
            continue
        kept.provenance.pop(key, None)
        if key.startswith("extra."):
            kept.extra.pop(key.removeprefix("extra."), None)
        else:
            setattr(kept, key, None if Company._meta.get_field(key).null else "")
    if record.get("status") and kept.status_source_id == record["status"]:
        for column in _STATUS:
            setattr(kept, column, None)
    siren = record["siren"]
    if siren:
        CompanyIdentifier.objects.filter(company=kept, type="siren", value=siren).delete()
        if kept.siren == siren:
            kept.siren = None
            kept.provenance.pop("siren", None)
    kept.updated_at = absorbed.updated_at = timezone.now()
    kept.save()
    absorbed.siren, absorbed.merged_into = siren, None
    absorbed.save()
    company_values.keep([kept])
