"""Contacts in the background: a file tried out, a file imported, a table written.

The arguments and files of ``contact-rehearsal``, ``contact-import`` and ``contact-export`` are those of companies: see
:mod:`~tamis.app.services.company_jobs`.
"""

from typing import Any

from django.http import QueryDict

from tamis.app.models import Job
from tamis.app.services import company_filters, contact_imports, exports
from tamis.app.services.acting import Actor
from tamis.app.services.company_jobs import run_export, run_import
from tamis.app.services.contact_table import ContactFilters
from tamis.app.services.jobs import Progress, kind
from tamis.messages import say


@kind("contact-rehearsal", say("Essai d'un import de contacts"), repeatable=True)
def rehearse(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """What importing a file of contacts would do."""
    return run_import(contact_imports.import_file, actor, job, progress, dry_run=True)


@kind("contact-import", say("Import de contacts"), repeatable=True)
def import_contacts(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """A file of contacts into the base; cancelled half-way, the chunks of lines that were written stay."""
    return run_import(contact_imports.import_file, actor, job, progress, dry_run=False)


@kind("contact-export", say("Export des contacts"), repeatable=True)
def export_contacts(_actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    """The contacts that filters let through, as a file that can be imported again."""
    chosen = company_filters.filtered(ContactFilters.read(QueryDict(job.arguments.get("filters", ""))))
    rows = exports.contact_rows(chosen)
    return run_export(job, progress, chosen, exports.contact_headings(), rows, "contacts", say("contacts"))
