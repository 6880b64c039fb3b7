"""What an import did or would do, as rows to show: the same for a dry run, a version and a restoration."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from tamis.app.models import LineStatus
from tamis.messages import Message

Text = Any  # a lazy translation


@dataclass(frozen=True)
class Row:
    """A figure of a report: what it counts, what of, and where it leads once applied."""

    key: str
    label: Text
    count: int
    part: bool = False
    status: str = ""
    weighty: bool = False


_LINES: tuple[tuple[str, Text, bool, str], ...] = (
    ("lines", _("lues"), False, ""),
    ("accepted", _("acceptées"), False, ""),
    ("repaired", _("dont réparées"), True, ""),
    ("matched", _("dont entreprise connue"), True, LineStatus.MATCHED),
    ("waiting", _("dont en attente de leur entreprise"), True, LineStatus.WAITING),
    ("review", _("dont à vérifier"), True, LineStatus.REVIEW),
    ("refused", _("refusées"), False, ""),
)
_COMPANIES: tuple[tuple[str, Text, bool, str], ...] = (
    ("moved", _("entrées dans la liste"), False, ""),
    ("released", _("renvoyées ailleurs"), False, ""),
    ("kept_locked", _("retenues par un verrou"), False, ""),
    ("outranked", _("retenues par une réclamation plus forte"), False, ""),
)


def report_tables(report: Mapping[str, Any]) -> list[tuple[Text, list[Row]]]:
    """The figures of a report under their titles: lines first, then companies."""
    return [(_("Lignes"), _rows(_LINES, report)), (_("Entreprises"), _rows(_COMPANIES, report))]


def _rows(wanted: tuple[tuple[str, Text, bool, str], ...], report: Mapping[str, Any]) -> list[Row]:
    return [
        Row(key, label, report.get(key, 0), part, status, key == "refused" and report.get(key, 0) > 0)
        for key, label, part, status in wanted
    ]


def refusals(refused: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Refused lines with their reasons in the reader's language."""
    return [
        {
            "number": line["number"],
            "cells": line["cells"],
            "faults": [(fault["column"], Message.read(fault["reason"])) for fault in line["faults"]],
        }
        for line in refused
    ]


def repairs(repaired: Iterable[Mapping[str, Any]]) -> list[tuple[int, list[Message]]]:
    """Repaired lines with what was done to them, in the reader's language."""
    return [(line["number"], [Message.read(message) for message in line["messages"]]) for line in repaired]
