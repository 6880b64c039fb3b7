"""Files of any length, imported in the background."""

from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Router, UploadedFile

from tamis.app.api.company_imports import UpsertOptions, day_of
from tamis.app.api.contacts import ContactFile
from tamis.app.api.events import EventFile
from tamis.app.api.jobs import JobOut
from tamis.app.api.list_content import FileOptions, mapping
from tamis.app.api.lists import the_list
from tamis.app.api.operations import actor_of, operation
from tamis.app.api.shapes import Id
from tamis.app.gates import Right
from tamis.app.services import jobs as service

router = Router(tags=["jobs"])


@operation(router, "POST", "/lists/{int:list_id}/import-job", Right.SORT, JobOut, status=202)
def import_list_in_background(
    request: HttpRequest, list_id: Id, options: Form[FileOptions], file: File[UploadedFile]
) -> Any:
    """Import a CSV or Excel file of any length into a list, in the background, as `multipart/form-data`.

    The job's `result` is the report, and its `files` the refused lines.
    """
    flags = {key: getattr(options, key) == "true" for key in ("append", "dry_run", "strict")}
    arguments = {"list": the_list(list_id).pk, "file_name": file.name or "?", "mapping": mapping(options.map)} | flags
    return service.as_json(service.start(actor_of(request), "list-import", arguments, {"file": file}))


@operation(router, "POST", "/companies/import-job", Right.SORT, JobOut, status=202)
def import_companies_in_background(request: HttpRequest, options: Form[UpsertOptions], file: File[UploadedFile]) -> Any:
    """Import a CSV or Excel file of companies of any length, in the background, as `multipart/form-data`.

    The job's `result` is the report, and its `files` what was refused and why.
    """
    day = day_of(options.as_of)
    arguments = {
        "file_name": file.name or "?",
        "mapping": mapping(options.map),
        "as_of": day.isoformat() if day else "",
    }
    kind = "company-rehearsal" if options.dry_run == "true" else "company-import"
    return service.as_json(service.start(actor_of(request), kind, arguments, {"file": file}))


@operation(router, "POST", "/contacts/import-job", Right.SORT, JobOut, status=202)
def import_contacts_in_background(request: HttpRequest, options: Form[ContactFile], file: File[UploadedFile]) -> Any:
    """Import a CSV or Excel file of contacts of any length, in the background, as `multipart/form-data`.

    The job's `result` is the report, and its `files` what was refused and why.
    """
    day = day_of(options.as_of)
    arguments = {
        "file_name": file.name or "?",
        "mapping": {options.key: "external_key"} if options.key else {},
        "as_of": day.isoformat() if day else "",
        "create_tags": options.create_tags == "true",
    }
    kind = "contact-rehearsal" if options.dry_run == "true" else "contact-import"
    return service.as_json(service.start(actor_of(request), kind, arguments, {"file": file}))


@operation(router, "POST", "/events/import-job", Right.SORT, JobOut, status=202)
def import_events_in_background(request: HttpRequest, options: Form[EventFile], file: File[UploadedFile]) -> Any:
    """Take the events of a file of any length, in the background, as `multipart/form-data`.

    The job's `result` is the report, and its `files` what was refused and why.
    """
    arguments = {"file_name": file.name or "?", "columns": mapping(options.map), "kind": options.kind}
    kind = "event-rehearsal" if options.dry_run == "true" else "event-import"
    return service.as_json(service.start(actor_of(request), kind, arguments, {"file": file}))
