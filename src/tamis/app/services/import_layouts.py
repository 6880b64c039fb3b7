"""Where the columns of a file go: to a built-in field, to one of the users' own, to labels, or nowhere."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tamis.app.models import CustomField
from tamis.errors import Refused, did_you_mean
from tamis.identity.folding import fold
from tamis.messages import say
from tamis.sources import company_fields, contact_fields, custom_fields
from tamis.sources.companies import Column, suggested_field
from tamis.sources.company_fields import Field, Part
from tamis.sources.labels import STATUS, TAGS, label_of
from tamis.sources.lists import REASON
from tamis.sources.tables import Table

SAMPLES = 20
"""How many cells of a column tell its type."""


@dataclass(frozen=True)
class Layout:
    """What the files of one kind of subject can hold."""

    subject: CustomField.Subject
    fields: tuple[Field, ...]
    field_of: Callable[[str], Field | None]
    outward_columns: tuple[str, ...]
    """Columns of Tamis's own exports that are passed over when the file comes in again."""

    @property
    def outward(self) -> frozenset[str]:
        """The headings that are no news, folded."""
        return frozenset(fold(heading) for heading in (*self.outward_columns, REASON))

    def own(self) -> dict[str, CustomField]:
        """The users' own fields by the spellings that name them, folded."""
        fields = CustomField.objects.filter(subject=self.subject)
        return {fold(text): each for each in fields for text in (each.key, each.label)}

    def recognised(self, mapping: Mapping[str, str]) -> Callable[[str], bool]:
        """Whether a heading is recognised, by itself, by the mapping, or as one of the users' own fields."""
        known = {fold(heading) for heading in mapping} | self.own().keys()
        return lambda heading: fold(heading) in known or bool(self.field_of(heading) or label_of(heading))

    def columns_of(self, headings: Sequence[str], mapping: Mapping[str, str]) -> list[Column | None]:
        """Where each column of a file goes. Raises :class:`~tamis.errors.Refused` for a mapping to no field."""
        asked = {fold(heading): target for heading, target in mapping.items()}
        unknown = [heading for heading in mapping if fold(heading) not in {fold(h) for h in headings}]
        if unknown:
            raise Refused(
                say(
                    "Le fichier n'a pas de colonne « {heading} ».{hint}",
                    heading=unknown[0], hint=did_you_mean(unknown[0], headings),
                ),
                "map.heading",
            )  # fmt: skip
        own = self.own()
        columns = [self.column(heading, asked.get(fold(heading)), own) for heading in headings]
        _refuse_doubled(columns)
        return columns

    def typed(self, keys: Sequence[str]) -> list[Column | None]:
        """The columns of values given by the key of their field. Raises ``Refused`` for a key that is no field."""
        own = self.own()
        columns = [self.column(key, key, own) for key in keys]
        _refuse_doubled(columns)
        return columns

    def column(self, heading: str, asked: str | None, own: Mapping[str, CustomField]) -> Column | None:
        """Where one column goes: where somebody asked, else where its heading says."""
        if asked == "":
            return None
        word = asked if asked is not None else heading
        if built_in := self.field_of(word):
            return Column(heading, built_in)
        if field := own.get(fold(word)):
            return Column(heading, None, field.key, custom_fields.reader(field.type, field.choices))
        if label := label_of(word):
            return Column(heading, label=label)
        if asked is not None:
            known = [*(field.key for field in self.fields), *own, STATUS, TAGS]
            raise Refused(
                say("Aucun champ ne s'appelle « {field} ».{hint}", field=asked, hint=did_you_mean(asked, known)),
                "map.field",
            )
        return None

    def key_of(self, column: Column | None) -> str:
        """What a mapping calls where a column goes; empty for nowhere."""
        if column is None:
            return ""
        if column.label:
            return STATUS if column.label.status else f"Tag:{column.label.category}" if column.label.category else TAGS
        return column.field.key if column.field else column.extra

    def offering_new_fields(
        self, table: Table, columns: Sequence[Column | None], ignored: Iterable[str], offered: list[Any]
    ) -> Table:
        """The table, with the columns that no field takes put in ``offered`` once a few of their cells were seen."""
        skipped = {fold(heading) for heading in ignored} | self.outward
        samples: dict[int, list[str]] = {
            n: []
            for n, column in enumerate(columns)
            if column is None and table.headings[n] and fold(table.headings[n]) not in skipped
        }

        def watched() -> Iterator[Any]:
            for row in table.rows:
                for place, cells in samples.items():
                    if len(cells) < SAMPLES and row.cells[place].strip():
                        cells.append(row.cells[place])
                yield row
            offered.extend(suggested_field(table.headings[place], cells) for place, cells in samples.items())

        return replace(table, rows=watched())


COMPANIES = Layout(
    CustomField.Subject.COMPANY, company_fields.FIELDS, company_fields.field_of, company_fields.OUTWARD_COLUMNS
)
CONTACTS = Layout(
    CustomField.Subject.CONTACT, contact_fields.FIELDS, contact_fields.field_of, contact_fields.OUTWARD_COLUMNS
)


def _refuse_doubled(columns: Collection[Column | None]) -> None:
    values = [
        column
        for column in columns
        if column and ((column.label and column.label.status) or (column.field and column.field.part is Part.VALUE))
    ]
    for position, column in enumerate(values):
        for other in values[:position]:
            if other.field is column.field:
                raise Refused(
                    say(
                        "Les colonnes « {one} » et « {other} » vont au même champ : écartez-en une "
                        "(en ligne de commande : --map \"{other}=\").",
                        one=other.heading, other=column.heading,
                    ),
                    "map.doubled",
                )  # fmt: skip
