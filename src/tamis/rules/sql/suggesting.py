"""Values that there are, the most frequent first: of a field of companies or contacts, and of a property of events."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from tamis.identity.folding import fold
from tamis.rules.nodes import Subject
from tamis.rules.sql.query import Query, present
from tamis.rules.vocabulary import TEXTS, Column, Other, Rows, Vocabulary, Word

MOST = 12
RECENT = timedelta(days=90)
"""Events as old as this are looked at."""


def values_of_field(subject: Subject, name: str, typed: str, vocabulary: Vocabulary) -> Query | None:
    """The query of the values (``value``) of a field that contain a text, with how many (``n``); none for numbers."""
    word = vocabulary.field(subject, name)
    if word.type not in TEXTS:
        return None
    match word.place:
        case Column(column):
            return _query(f'SELECT s."{column}" AS value, s."{column}_folded" AS folded FROM {subject} s '
                          f"WHERE {present(subject, 's')}", typed, {})  # fmt: skip
        case Rows(table, _, column, only):
            given = {f"o{number}": value for number, (_, value) in enumerate(only)}
            wheres = "".join(f" AND r.{name} = $o{number}" for number, (name, _) in enumerate(only))
            rows = f'SELECT r."{column}" AS value, r."{column}_folded" AS folded FROM {table} r WHERE true{wheres}'
            return _query(rows, typed, given)
    return None


def values_of_property(kind: str, name: str, typed: str, vocabulary: Vocabulary, now: datetime) -> Query | None:
    """The query of the values of a property of the recent events of a kind."""
    vocabulary.kind(kind)
    word: Word = vocabulary.property(kind, name)
    if word.type not in TEXTS:
        return None
    given = {"kind": kind, "after": now - RECENT, "now": now}
    value, folded = f'e."{name}"', f'e."{name}_folded"'
    if isinstance(word.place, Other):
        value, folded = "e.more[$name]", "e.more_folded[$name]"
        given["name"] = word.place.name
    rows = f"SELECT {value} AS value, {folded} AS folded FROM events e "
    return _query(f"{rows}WHERE e.kind = $kind AND e.ts > $after AND e.ts <= $now", typed, given)


def _query(rows: str, typed: str, given: Mapping[str, object]) -> Query:
    """What is alike when folded is one value, as most write it; what begins as was typed comes first."""
    wanted = fold(typed)
    among = "contains(folded, $typed)" if wanted else "true"
    begins = "starts_with(folded, $typed) DESC, " if wanted else ""
    sql = (
        f"SELECT mode(value) AS value, count(*) AS n FROM ({rows}) v WHERE folded <> '' AND {among} "
        f"GROUP BY folded ORDER BY {begins}n DESC, folded LIMIT {MOST}"
    )
    return Query(sql, {**given, **({"typed": wanted} if wanted else {})})
