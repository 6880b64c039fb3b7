"""What a list holds, and what it held after each of its versions."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from tamis.app.models import List, ListLine, ListVersion, RefusedLine
from tamis.errors import NotFound
from tamis.messages import Message, say
from tamis.sources import lists as list_files


def find_version(target: List, number: int) -> ListVersion:
    """A version of a list by its number. Raises :class:`~tamis.errors.NotFound`."""
    version = target.versions.filter(number=number).first()
    if version is None:
        raise NotFound(
            say(
                "« {list} » n'a pas de version {number}.",
                list=target.name,
                number=number,
            )
        )
    return version


def history(target: List) -> QuerySet[ListVersion]:
    """The versions of a list that were applied, the latest first."""
    return target.versions.exclude(act=None).select_related("act", "restored_from").order_by("-number")


def as_json(version: ListVersion) -> dict[str, Any]:
    """A version as the command line and the API show it."""
    return {
        "version": version.number,
        "kind": version.kind,
        "file": version.file_name,
        "at": version.act.at if version.act else None,
        "by": version.act.by if version.act else None,
        "restored_from": version.restored_from.number if version.restored_from else None,
        "accepted": version.report.get("accepted"),
        "refused": version.report.get("refused"),
    }


def content(target: List, number: int | None = None) -> QuerySet[ListLine]:
    """The lines that a list holds now, or held after an earlier version."""
    lines = ListLine.objects.filter(version__list=target).exclude(version__act=None)
    if number is None:
        return lines.filter(removed_by=None)
    return lines.filter(version__number__lte=number).exclude(removed_by__number__lte=number)


def held(target: List) -> QuerySet[ListLine]:
    """What :func:`content` returns for now, asked of the few versions that hold it: quick to leaf through by name."""
    holding = Exists(ListLine.objects.filter(version=OuterRef("pk"), removed_by=None))
    versions = [*target.versions.exclude(act=None).filter(holding).values_list("pk", flat=True)]
    asked = {"version": versions[0]} if len(versions) == 1 else {"version__in": versions}
    return ListLine.objects.filter(removed_by=None, **asked)


def open_refusals(version: ListVersion) -> QuerySet[RefusedLine]:
    """The refused lines of an import that nobody has mended or set aside yet, in order."""
    return version.refused_lines.filter(settled_by=None).order_by("number", "pk")


def refused_lines(version: ListVersion) -> Iterator[list_files.RefusedLine]:
    """The open refused lines of an import, in order, as they were read or as a person left them."""
    return map(as_refused, open_refusals(version).iterator())


def as_refused(line: RefusedLine) -> list_files.RefusedLine:
    """A stored refused line as reading makes it."""
    faults = tuple(
        list_files.Fault(fault["column"], fault["code"], Message.read(fault["reason"])) for fault in line.faults
    )
    name, siren, email_domain, website = line.cells
    return list_files.RefusedLine(line.number, (name, siren, email_domain, website), faults)
