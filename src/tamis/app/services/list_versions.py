"""What a list holds, and what it held after each of its versions."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

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


def refused_lines(version: ListVersion) -> Iterator[list_files.RefusedLine]:
    """The lines that an import refused, in order."""
    return (refusal(line) for line in version.refused_lines.order_by("number", "pk").iterator())


def refusal(line: RefusedLine) -> list_files.RefusedLine:
    """A stored refused line as it was when it was read."""
    faults = tuple(
        list_files.Fault(fault["column"], fault["code"], Message.read(fault["reason"])) for fault in line.faults
    )
    name, siren, email_domain, website = line.cells
    return list_files.RefusedLine(line.number, (name, siren, email_domain, website), faults)
