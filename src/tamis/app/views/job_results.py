"""What jobs leave behind, as pages show it: a function for each kind that has something to show."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from tamis.app.models import Act, Job
from tamis.app.services import company_jobs
from tamis.app.services.company_selection import released_sentence
from tamis.app.services.undoing import undoable
from tamis.app.views.job_landings import moved_message, refreshed_message
from tamis.app.views.reports import Row, Text, report_tables
from tamis.messages import Message, say

_LINES: tuple[tuple[str, Text, bool], ...] = (
    ("lines", _("lues"), False),
    ("repaired", _("dont réparées"), True),
    ("refused", _("refusées"), False),
    ("review", _("à vérifier, laissées de côté"), False),
    ("dropped_cells", _("cases écartées"), False),
)
_COMPANIES: tuple[tuple[str, Text, bool], ...] = (
    ("created", _("créées"), False),
    ("updated", _("mises à jour"), False),
    ("unchanged", _("inchangées"), False),
    ("answered_lines", _("lignes de listes qui les attendaient"), False),
)


_CONTACTS: tuple[tuple[str, Text, bool], ...] = (
    ("created", _("créés"), False),
    ("updated", _("mis à jour"), False),
    ("unchanged", _("inchangés"), False),
    ("linked", _("rattachés à une entreprise"), False),
    ("review", _("dont l'entreprise est en doute"), False),
)


def shown_result(job: Job) -> dict[str, Any]:
    """What the report of a job's page is made of; empty for a job that has none."""
    make = _SHOWN.get(job.kind)
    return make(job) if make and job.state == Job.State.DONE else {}


def _company_import(job: Job) -> dict[str, Any]:
    result = job.result
    weights = [*company_jobs.WHAT]
    problems = [
        {"line": each["line"], "kind": each["what"], "what": company_jobs.WHAT[each["what"]],
         "why": Message.read(each["why"])}
        for each in sorted(result["problems"], key=lambda each: weights.index(each["what"]))
    ]  # fmt: skip
    of = job.kind.partition("-")[0]
    applied = Job.objects.filter(kind=f"{of}-import", arguments__rehearsal=job.pk)
    if of == "contact":
        lines = tuple(each for each in _LINES if each[0] != "review")
        tables = [(_("Lignes"), _rows(lines, result)), (_("Contacts"), _rows(_CONTACTS, result))]
    else:
        tables = [(_("Lignes"), _rows(_LINES, result)), (_("Entreprises"), _rows(_COMPANIES, result))]
    return {
        "tables": tables,
        "start": f"{of}-import",
        "columns": f"{of}-import-columns",
        "apply": f"{of}-import-apply",
        "problems": problems,
        "told": sum(result["told"].values()),
        "writes": result["created"] + result["updated"],
        "partly": result["dry_run"] and result["rehearsed"] < result["lines"],
        "rehearsed": result["rehearsed"],
        "lines": result["lines"],
        "again": result["again"] > 1 and not result["dry_run"],
        "applied": applied.filter(state__in=[*Job.ACTIVE, Job.State.DONE]).first(),
    }


def _events(job: Job) -> dict[str, Any]:
    problems = [
        {"line": each["line"], "kind": "refused", "what": each["field"] or say("refusé"),
         "why": Message.read(each["why"])}
        for each in job.result["problems"]
    ]  # fmt: skip
    applied = Job.objects.filter(kind="event-import", arguments__rehearsal=job.pk)
    return {
        **job.result, "problems": problems, "applied": applied.filter(state__in=[*Job.ACTIVE, Job.State.DONE]).first()
    }  # fmt: skip


def _rows(wanted: tuple[tuple[str, Text, bool], ...], result: Mapping[str, Any]) -> list[Row]:
    return [
        Row(key, label, result[key], part, weighty=key in ("refused", "review") and result[key] > 0)
        for key, label, part in wanted
    ]


def _list_import(job: Job) -> dict[str, Any]:
    told = job.result.get("refusals", [])
    refusals = [(each["line"], [Message.read(m) for m in each["messages"]]) for each in told]
    notes = [Message.read(note) for note in job.result.get("notes", [])]
    return {"tables": report_tables(job.result), "refusals": refusals, "notes": notes}


def _company_move(job: Job) -> dict[str, Any]:
    act = Act.objects.filter(pk=job.result["act"]).first()
    return {"message": moved_message(job), "undo": act and act.pk in undoable([act])}


_SHOWN: Mapping[str, Callable[[Job], dict[str, Any]]] = {
    "company-rehearsal": _company_import,
    "company-import": _company_import,
    "list-rehearsal": _list_import,
    "contact-rehearsal": _company_import,
    "contact-import": _company_import,
    "list-import": _list_import,
    "list-restore": _list_import,
    "event-rehearsal": _events,
    "event-import": _events,
    "company-move": _company_move,
    "company-release": lambda job: {"message": released_sentence(job.result["moved"])},
    "sheet-rehearsal": lambda job: {"tables": report_tables(job.result)},
    "audience-refresh": lambda job: {"message": job.result["message"] or refreshed_message(job)},
    "sheet-fetch": lambda job: {"message": Message.read(job.result["message"])},
}
