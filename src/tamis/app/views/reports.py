"""What an import did or would do, as rows to show: the same for a dry run, a version and a restoration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from tamis.app.models import LineStatus
from tamis.app.services.list_outcomes import Outcome

Text = Any  # a lazy translation


@dataclass(frozen=True)
class Row:
    """A figure of a report: what it counts, what of, and where it leads once applied."""

    key: str
    label: Text
    count: int
    part: bool = False
    status: str = ""
    outcome: str = ""
    weighty: bool = False


_LINES: tuple[tuple[str, Text, bool, str, str], ...] = (
    ("lines", _("lues"), False, "", ""),
    ("accepted", _("acceptées"), False, "", ""),
    ("repaired", _("dont réparées"), True, "", "repaired"),
    ("matched", _("dont entreprise connue"), True, LineStatus.MATCHED, "matched"),
    ("waiting", _("dont en attente de leur entreprise"), True, LineStatus.WAITING, Outcome.WAITING),
    ("review", _("dont à vérifier"), True, LineStatus.REVIEW, Outcome.REVIEW),
    ("refused", _("refusées"), False, "", Outcome.REFUSED),
)
_COMPANIES: tuple[tuple[str, Text, bool, str, str], ...] = (
    ("moved", _("entrées dans la liste"), False, "", Outcome.MOVED),
    ("released", _("renvoyées ailleurs"), False, "", Outcome.RELEASED),
    ("kept_locked", _("retenues par un verrou"), False, "", Outcome.LOCKED),
    ("outranked", _("retenues par une réclamation plus forte"), False, "", Outcome.OUTRANKED),
)


def report_tables(report: Mapping[str, Any]) -> list[tuple[Text, list[Row]]]:
    """The figures of a report under their titles: lines first, then companies."""
    return [(_("Lignes"), _rows(_LINES, report)), (_("Entreprises"), _rows(_COMPANIES, report))]


def _rows(wanted: tuple[tuple[str, Text, bool, str, str], ...], report: Mapping[str, Any]) -> list[Row]:
    return [
        Row(key, label, report.get(key, 0), part, status, outcome, key == "refused" and report.get(key, 0) > 0)
        for key, label, part, status, outcome in wanted
    ]
