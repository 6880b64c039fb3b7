"""One company: what is known of it, why it is where it is, its past, and what a person can do about it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tamis.app.gates import Right, actor_of, gate
from tamis.app.models import ClaimKind, Company, List, Merge
from tamis.app.services import companies as service
from tamis.app.services import company_table, contacts, merging, statuses, tags
from tamis.app.services.companies import BadFields
from tamis.app.services.company_labels import LABELS
from tamis.app.services.company_sheet import sheet
from tamis.app.services.subjects import COMPANY
from tamis.app.views.company_forms import GROUPS, OWN_GROUP, changes, form, typed_values
from tamis.app.views.notices import undoable
from tamis.errors import NotFound, Refused
from tamis.messages import say

MOST_CONTACTS = 20


def _the_company(pk: int) -> Company:
    """The company of a page's address, or the one that it was merged into. Raises :class:`~tamis.errors.NotFound`."""
    company = Company.objects.filter(pk=pk).first()
    if company is None:
        raise NotFound(say("Aucune entreprise n'a le numéro {id}.", id=pk))
    while company.merged_into is not None:
        company = company.merged_into
    return company


@gate(Right.READ)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything known of a company; an address of one that was merged leads to the one that it is part of."""
    company = _the_company(pk)
    if company.pk != pk:
        messages.info(request, _("Cette entreprise a été fusionnée dans « %s ».") % company.name)
        return redirect("company", company.pk)
    return render(request, "companies/show.html", _context(company))


def _context(company: Company) -> dict[str, object]:
    known = sheet(company)
    people = contacts.of_company(company, MOST_CONTACTS + 1)
    claims = [*service.standing_claims(company)]
    names = {name for move in known["moves"] for name in (move["from"], move["to"]) if name}
    names |= {claim["list"] for claim in known["past_claims"]}
    return {
        "company": company,
        "sheet": known,
        "groups": _groups(known["fields"]),
        "websites": [row["value"] for row in known["fields"] if row["key"] == "domain.website"],
        "past": _past(company, known),
        "claims": [(claim, service.reason(claim)) for claim in claims],
        "pinned": any(claim.kind == ClaimKind.HAND for claim in claims),
        "lists_by_name": {each.name: each for each in List.objects.filter(name__in=names)},
        "lists_by_segment": company_table.lists_by_segment(),
        "statuses": statuses.statuses_of(COMPANY),
        "tags_by_category": tags.by_category(),
        "contacts": people[:MOST_CONTACTS],
        "more_contacts": len(people) > MOST_CONTACTS,
    }


def _groups(rows: list[dict[str, Any]]) -> list[tuple[Any, list[tuple[Any, dict[str, Any]]]]]:
    """The filled fields under their groups, each with what pages call it."""
    group_of = {key: title for title, keys in GROUPS for key in keys}
    titles = [title for title, _keys in GROUPS] + [OWN_GROUP]
    grouped: dict[Any, list[tuple[Any, dict[str, Any]]]] = {title: [] for title in titles}
    for row in rows:
        part, _dot, _kind = row["key"].partition(".")
        title = {"name": titles[0], "domain": titles[2]}.get(part) or group_of.get(row["key"], OWN_GROUP)
        grouped[title].append((LABELS.get(row["key"], row["label"]), row))
    return [(title, rows) for title, rows in grouped.items() if rows]


def _past(company: Company, known: dict[str, Any]) -> list[dict[str, Any]]:
    """Moves and merges in one line of time, the latest first, and how the company came in."""
    entries = [{"icon": "arrow", "move": move, "at": move["at"]} for move in known["moves"]]
    for merged in Merge.objects.filter(kept=company).select_related("absorbed", "act", "undone_by"):
        entries.append({"icon": "merge", "merged": merged.absorbed, "by": merged.act.by, "at": merged.act.at})
        if merged.undone_by:
            back = merged.undone_by
            entries.append({"icon": "split", "parted": merged.absorbed, "by": back.by, "at": back.at})
    entries.append({"icon": "plus", "came": True, "at": company.created_at})
    return sorted(entries, key=lambda each: each["at"], reverse=True)


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what somebody changed in the form, and only that."""
    company = _the_company(pk)
    typed = typed_values(request.POST.dict())
    if request.method != "POST":
        return render(request, "companies/edit.html", {"company": company, "groups": form(company, {})})
    try:
        changed = service.edit(actor_of(request), company, changes(company, typed))
    except BadFields as error:
        context = {"company": company, "groups": form(company, typed, error.faults), "faults": error.faults}
        return render(request, "companies/edit.html", context, status=409)
    except Refused as error:
        return render(
            request,
            "companies/edit.html",
            {"company": company, "groups": form(company, typed), "fault": error},
            status=409,
        )
    messages.success(request, _("Modifications enregistrées.") if changed else _("Rien n'avait changé."))
    return redirect("company", company.pk)


@gate(Right.SORT)
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a wrong name, identifier or domain away."""
    service.drop(actor_of(request), _the_company(pk), request.POST.get("text", ""))
    messages.success(request, _("Enlevé. Les lignes de listes que cela concernait sont rapprochées à nouveau."))
    return redirect("company", pk)


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Show two companies side by side; on consent, make the other part of this one."""
    kept = _the_company(pk)
    given = request.POST if request.method == "POST" else request.GET
    other = service.find(given.get("with", ""))
    if other.pk == kept.pk:
        raise Refused(say("C'est la même entreprise : donnez le numéro ou le SIREN d'une autre."), "merge.self")
    if request.method != "POST":
        return render(
            request, "companies/merge.html", {"kept": kept, "other": other, "rows": _side_by_side(kept, other)}
        )
    merged = merging.merge(actor_of(request), kept, other)
    sentence = _("« %(absorbed)s » fusionnée dans « %(kept)s ».") % {"absorbed": other.name, "kept": kept.name}
    undoable(request, sentence, merged.act)
    return redirect("company", kept.pk)


def _side_by_side(kept: Company, other: Company) -> list[tuple[str, list[Any], list[Any]]]:
    """The fields that either company has, with the values of both."""
    sheets = [sheet(each)["fields"] for each in (kept, other)]
    labels = {row["key"]: str(LABELS.get(row["key"], row["label"])) for rows in sheets for row in rows}
    return [
        (label, *([row for row in rows if row["key"] == key] for rows in sheets))  # type: ignore[misc]
        for key, label in labels.items()
    ]


@gate(Right.SORT)
@require_POST
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a merge; both companies have again what they had."""
    merged = Merge.objects.filter(pk=pk).first()
    if merged is None:
        raise NotFound(say("Aucune fusion n° {id}.", id=pk))
    back = merging.split(actor_of(request), merged)
    messages.success(request, _("« %s » est de retour.") % back.name)
    return redirect("company", merged.kept_id)
