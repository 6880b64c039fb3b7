"""The columns of the company table: which there are, what they show, and which the table can be sorted by."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from tamis.app.models import Company, CompanyDomain, CustomField
from tamis.app.services.company_attributes import PREFIX
from tamis.app.services.company_labels import LABELS, Text
from tamis.app.services.custom_fields import fields_of
from tamis.app.services.subjects import COMPANY, Subject
from tamis.errors import NotFound, did_you_mean
from tamis.messages import say
from tamis.sources.custom_fields import shown_value


@dataclass(frozen=True)
class TableColumn:
    """A column: its key, its heading, and the database columns that sort it, an index for each; none: no sorting."""

    key: str
    label: Text
    order: tuple[str, ...] = ()
    numeric: bool = False

    @property
    def parts(self) -> bool:
        """Whether its values stand in rows of their own."""
        return self.key in _PARTS


def _sorted(key: str, order: tuple[str, ...] | None = None, *, label: Text | None = None, numeric: bool = False) -> Any:
    return TableColumn(key, label or LABELS[key], order or (key,), numeric)


COLUMNS: tuple[TableColumn, ...] = (
    _sorted("name", ("name_key",), label=_("Entreprise")),
    TableColumn("list", _("Liste")),
    _sorted("siren"),
    _sorted("city", ("city_key", "name_key")),
    _sorted("postal_code"),
    _sorted("department", ("department", "name_key")),
    _sorted("region", ("region_key",)),
    _sorted("country"),
    _sorted("address", ("address_key",)),
    _sorted("naf", ("naf", "name_key"), label=_("NAF")),
    _sorted("naf_2025"),
    _sorted("naics"),
    _sorted("legal_category"),
    _sorted("headcount", numeric=True),
    _sorted("headcount_bracket"),
    _sorted("revenue", label=_("CA (€)"), numeric=True),
    _sorted("size_class"),
    _sorted("parent_siren"),
    _sorted("status", label=_("Statut")),
    TableColumn("tags", _("Tags")),
    TableColumn("website", LABELS["website"]),
    TableColumn("email_domain", LABELS["email_domain"]),
    _sorted("founded", label=_("Créée le")),
    _sorted("first_seen", label=_("Vue le")),
    _sorted("updated", ("updated_at",), label=_("Modifiée le")),
)
"""Every built-in column. Where a value stands in rows of its own (domains, users' fields) no index sorts companies."""
_BY_KEY: Mapping[str, TableColumn] = {column.key: column for column in COLUMNS}
_PARTS = {"website": "website", "email_domain": "email", "tags": "tags"}
FIRST = "name"
USUAL = ("name", "list", "city", "naf", "headcount", "revenue", "first_seen")


def all_columns() -> list[TableColumn]:
    """The built-in columns and the users' own fields."""
    own = fields_of()
    numeric = CustomField.Type.NUMBER
    return [*COLUMNS, *(TableColumn(PREFIX + f.key, f.label, numeric=f.type == numeric) for f in own)]


def find(keys: Iterable[str], every: Callable[[], Sequence[TableColumn]] = all_columns) -> list[TableColumn]:
    """The columns of these keys, each once, the name first. Raises :class:`~tamis.errors.NotFound`."""
    known = {column.key: column for column in every()}
    keys = dict.fromkeys((FIRST, *keys))
    unknown = next((key for key in keys if key not in known), None)
    if unknown is not None:
        raise NotFound(
            say("La table n'a pas de colonne « {column} ».{hint}", column=unknown[:60],
                hint=did_you_mean(unknown, known)), "column.unknown"
        )  # fmt: skip
    return [known[key] for key in keys]


def in_order(
    chosen: Sequence[str], every: Callable[[], Sequence[TableColumn]] = all_columns
) -> list[tuple[TableColumn, bool]]:
    """Every column, the chosen ones first in their order, each with whether it is chosen."""
    first = find(chosen, every)
    rest = [column for column in every() if column.key not in chosen]
    return [*((column, True) for column in first), *((column, False) for column in rest)]


def sortable(key: str) -> TableColumn | None:
    """The column of this key if the table can be sorted by it."""
    column = _BY_KEY.get(key)
    return column if column and column.order else None


def values(companies: Sequence[Company], columns: Sequence[TableColumn]) -> list[list[tuple[TableColumn, Any]]]:
    """What the columns show of each company: a row of values as they are stored, a row a company."""
    parts = _domains(companies, columns)
    if any(column.key == "tags" for column in columns):
        parts = parts | names_of_tags(COMPANY, companies)
    return [[(column, _value(company, column, parts)) for column in columns] for company in companies]


Parts = dict[tuple[int, str], list[str]]


def names_of_tags(subject: Subject, rows: Sequence[Any]) -> Parts:
    """The names of the tags on some companies or contacts."""
    found: Parts = defaultdict(list)
    held = subject.tags._default_manager.filter(**{f"{subject.key}__in": rows}).order_by("tag__key")
    for id, name in held.values_list(f"{subject.key}_id", "tag__name"):
        found[id, "tags"].append(name)
    return found


def _domains(companies: Sequence[Company], columns: Sequence[TableColumn]) -> Parts:
    found: Parts = defaultdict(list)
    if any(column.parts and column.key != "tags" for column in columns):
        rows = CompanyDomain.objects.filter(company__in=companies).order_by("host")
        for id, use, host in rows.values_list("company_id", "use", "host"):
            found[id, use].append(host)
    return found


def _value(company: Company, column: TableColumn, parts: Parts) -> Any:
    if column.key == "tags":
        return parts.get((company.pk, "tags"), [])
    if column.parts:
        return ", ".join(parts.get((company.pk, _PARTS[column.key]), []))
    if column.key.startswith(PREFIX):
        held = company.extra.get(column.key.removeprefix(PREFIX))
        return "" if held is None else held if column.numeric else shown_value(held)
    return company.updated_at if column.key == "updated" else getattr(company, column.key)
