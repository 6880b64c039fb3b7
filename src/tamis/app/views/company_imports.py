"""A file of companies or contacts into the base, in four steps: the file, its columns, a rehearsal, the import."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from tamis.app.gates import Right, actor_of, gate, may
from tamis.app.models import CustomField, Job, TagCategory, User
from tamis.app.services import company_files, jobs
from tamis.app.services.company_file_columns import SeenColumn
from tamis.app.services.company_labels import LABELS, Text
from tamis.app.services.contact_labels import LABELS as CONTACT_LABELS
from tamis.app.services.custom_fields import fields_of
from tamis.app.services.import_layouts import COMPANIES, CONTACTS, Layout
from tamis.app.services.kept_files import MAX_UPLOAD
from tamis.errors import NotFound, Refused, TamisError
from tamis.messages import say
from tamis.sources.labels import STATUS, TAGS, tag_heading

NEW = "new:"
"""Before the type, in what a column may become: a new field."""


@dataclass(frozen=True)
class ImportOf:
    """What is imported: what its files hold, and what its fields are called."""

    of: str
    layout: Layout
    labels: Mapping[str, Text]

    def fields(self) -> list[tuple[str, Text]]:
        """Where a column can go: fields, the status, tags, and the tags of each category."""
        own = [(field.key, self.labels[field.key]) for field in self.layout.fields]
        categories = TagCategory.objects.values_list("name", flat=True)
        return [
            *own,
            (STATUS, _("Statut")),
            (TAGS, _("Tags")),
            *((tag_heading(name), f"Tag : {name}") for name in categories),
        ]

    def offered(self, columns: Sequence[SeenColumn]) -> list[tuple[str, Text]]:
        """The same, with the categories of tags that the file names and nobody has yet."""
        known = self.fields()
        there = {key for key, _label in known}
        new = {each.field for each in columns if each.field.startswith(tag_heading("")) and each.field not in there}
        return [*known, *((key, key) for key in sorted(new))]


IMPORTS = {
    "company": ImportOf("company", COMPANIES, LABELS),
    "contact": ImportOf("contact", CONTACTS, CONTACT_LABELS),
}


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, of: str = "company") -> HttpResponse:
    """Choose a file; what refuses it stands beside the form."""
    fault: TamisError | None = None
    if request.method == "POST":
        try:
            file = request.FILES.get("file")
            if file is None:
                raise Refused(say("Choisissez un fichier CSV ou Excel."), "file.none")
            kept = company_files.receive(_user(request), file.name or "", file.chunks(), IMPORTS[of].layout)
            return redirect(f"{of}-import-columns", kept.token)
        except TamisError as error:
            fault = error
    context = {"fault": fault, "max_bytes": MAX_UPLOAD, "step": "file", "of": of}
    return render(request, "companies/import/file.html", context, status=409 if fault else 200)


@dataclass(frozen=True)
class Asked:
    """What somebody wants done with the columns of a file, and the day it speaks of."""

    mapping: Mapping[str, str]
    new_fields: Mapping[str, str]
    as_of: str
    create_tags: bool = False

    def target(self, column: SeenColumn) -> str:
        """What is chosen for a column."""
        if column.heading in self.new_fields:
            return f"{NEW}{self.new_fields[column.heading]}"
        return self.mapping.get(column.heading, "")


@gate(Right.SORT)
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, token: str, of: str = "company") -> HttpResponse:
    """Confirm where each column goes; then the file is tried out in the background."""
    user, what = _user(request), IMPORTS[of]
    kept = company_files.find(token, user)
    fault: TamisError | None = None
    if request.method == "POST":
        asked = _posted(request, kept)
        try:
            return redirect("job", _rehearse(request, kept, asked, what).pk)
        except TamisError as error:
            fault = error
    else:
        asked = _earlier(request, kept) or _proposed(kept)
    context = {
        "file": kept, "fault": fault, "step": "columns", "as_of": asked.as_of,
        "columns": [(column, asked.target(column), f"column-{n}") for n, column in enumerate(kept.columns)],
        "fields": what.offered(kept.columns),
        "own": fields_of(of),
        "of": of, "import_address": reverse(f"{of}-import"), "create_tags": asked.create_tags,
        "new": _new_types(user),
    }  # fmt: skip
    return render(request, "companies/import/columns.html", context, status=409 if fault else 200)


def _new_types(user: User) -> list[tuple[str, Text]]:
    """The types of new fields that somebody may make of a column."""
    if not may(user, Right.ADMINISTER):
        return []
    kinds = [kind for kind in CustomField.Type if kind is not CustomField.Type.CHOICE]
    return [(f"{NEW}{kind.value}", kind.label) for kind in kinds]


def _proposed(kept: company_files.CompanyFile) -> Asked:
    return Asked({column.heading: column.field for column in kept.columns}, {}, timezone.localdate().isoformat())


def _earlier(request: HttpRequest, kept: company_files.CompanyFile) -> Asked | None:
    """What was chosen before the rehearsal that somebody comes back from."""
    number = request.GET.get("from", "")
    job = Job.objects.filter(pk=int(number)).first() if number.isdigit() and len(number) < 10 else None
    if job is None or job.arguments.get("upload") != kept.token:
        return None
    given = job.arguments
    return Asked(given["mapping"], given["new_fields"], given["as_of"], given.get("create_tags", False))


def _posted(request: HttpRequest, kept: company_files.CompanyFile) -> Asked:
    mapping, new_fields = {}, {}
    for n, column in enumerate(kept.columns):
        chosen = request.POST.get(f"column-{n}", "")
        if chosen.startswith(NEW):
            new_fields[column.heading] = chosen.removeprefix(NEW)
        else:
            mapping[column.heading] = chosen
    return Asked(mapping, new_fields, request.POST.get("as_of", "").strip(), "create_tags" in request.POST)


def _rehearse(request: HttpRequest, kept: company_files.CompanyFile, asked: Asked, what: ImportOf) -> Job:
    """Start the rehearsal. Raises :class:`~tamis.errors.Refused` for what makes no sense, before anything is started.

    Somebody who may not make fields is refused here too, whatever the form says.
    """
    allowed = {value for value, _label in _new_types(_user(request))}
    if any(f"{NEW}{type}" not in allowed for type in asked.new_fields.values()):
        raise Refused(say("Seul un administrateur ajoute des champs : envoyez la colonne ailleurs."), "field.forbidden")
    if not any([*asked.mapping.values(), *asked.new_fields]):
        raise Refused(say("Toutes les colonnes sont écartées : gardez au moins le nom ou une clé."), "map.empty")
    what.layout.columns_of([column.heading for column in kept.columns], asked.mapping)
    arguments = {
        "file_name": kept.file_name, "mapping": asked.mapping, "new_fields": asked.new_fields,
        "as_of": _day(asked.as_of), "upload": kept.token, "create_tags": asked.create_tags,
    }  # fmt: skip
    with kept.path.open("rb") as file:
        return jobs.start(actor_of(request), f"{what.of}-rehearsal", arguments, {"file": file})


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text) if text else timezone.localdate()
    except ValueError:
        raise Refused(say("« {text} » n'est pas un jour.", text=text[:30]), "as-of") from None
    if day > timezone.localdate():
        raise Refused(say("Le fichier ne peut pas parler d'un jour à venir."), "as-of")
    return day.isoformat()


@gate(Right.SORT)
@require_POST
def apply(request: HttpRequest, pk: int, of: str = "company") -> HttpResponse:
    """Import the very file that was tried out, in the background; asked twice, it is done once."""
    rehearsal = jobs.find(pk)
    if rehearsal.kind != f"{of}-rehearsal" or rehearsal.state != Job.State.DONE:
        raise NotFound(say("Aucun essai d'import n° {id} n'est terminé.", id=pk), "job.none")
    if rehearsal.arguments.get("new_fields") and not may(_user(request), Right.ADMINISTER):
        raise Refused(say("Seul un administrateur ajoute des champs : envoyez la colonne ailleurs."), "field.forbidden")
    going = Job.objects.filter(kind=f"{of}-import", arguments__rehearsal=pk)
    if already := going.filter(state__in=[*Job.ACTIVE, Job.State.DONE]).first():
        return redirect("job", already.pk)
    if not rehearsal.brought("file").exists():
        raise NotFound(say("Ce fichier n'est plus là : choisissez-le à nouveau."), "upload.gone")
    arguments: dict[str, Any] = rehearsal.arguments | {"rehearsal": pk}
    with rehearsal.brought("file").open("rb") as file:
        job = jobs.start(actor_of(request), f"{of}-import", arguments, {"file": file})
    return redirect("job", job.pk)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
