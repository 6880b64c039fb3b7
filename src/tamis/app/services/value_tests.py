"""What is asked of one value, and where the values of a company stand: together, a condition in SQL.

A condition has two forms with the same answer. *Found*, it leads SQL to its companies through an index: right when few
match. *Checked*, it looks at one company at a time: right when many match and the table is walked in its order. SQLite
cannot tell which is which without knowing the values, so :mod:`~tamis.app.services.company_table` says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol

from django.db.models import BooleanField, CharField, DecimalField, Exists, F, Func, Lookup, Model, OuterRef, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, In, IsNull, LessThan, LessThanOrEqual

from tamis.app.models import Company
from tamis.app.services.days import midnight
from tamis.sources.company_fields import BRACKETS

Expression = Any
"""A column, as itself or as :class:`Unindexed`."""


class Unindexed(Func):
    """A column whose index SQLite is not to use; PostgreSQL knows the values, and needs no telling."""

    template = "%(expressions)s"
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """With SQLite's unary plus, which changes nothing else."""
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


class Contains(Lookup):
    """Text that contains a text, byte for byte: both are folded already."""

    lookup_name = "holds"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A search for the place, which takes no wildcard from what somebody typed."""
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        place = "instr" if connection.vendor == "sqlite" else "strpos"
        return f"{place}({left}, {right}) > 0", [*left_params, *right_params]


class Begins(Lookup):
    """Text that begins with a text, byte for byte, as a range that an index answers."""

    lookup_name = "begins"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """On PostgreSQL the order of an index depends on the language: there it is the function for it."""
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        if connection.vendor != "sqlite":
            return f"starts_with({left}, {right})", [*left_params, *right_params]
        return f"({left} >= {right} AND {left} < {right} || char(1114111))", [*left_params, *right_params] * 2


class Among(Func):
    """Whether a number is one of many (``1,2,3``), which go to the database as one parameter, however many they are."""

    output_field = BooleanField()
    arity = 1

    def __init__(self, column: Expression, numbers: str) -> None:
        self.numbers = numbers
        super().__init__(column)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """An array in JSON, whose values SQLite looks up in an index of its own making."""
        said, params = compiler.compile(self.source_expressions[0])
        return f"{said} IN (SELECT value FROM json_each(%s))", [*params, f"[{self.numbers}]"]

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """An array, which PostgreSQL hashes."""
        said, params = compiler.compile(self.source_expressions[0])
        return f"{said} = ANY(%s::bigint[])", [*params, f"{{{self.numbers}}}"]


class After(Func):
    """Whether a row comes after certain values in the order of its columns: ``(a, b) > (x, y)``."""

    output_field = BooleanField()

    def __init__(self, columns: Sequence[Expression], values: Sequence[Any], sign: str) -> None:
        self.sign = sign
        super().__init__(*columns, *(bound(value) if isinstance(value, Decimal) else Value(value) for value in values))

    def as_sql(self, compiler: Any, connection: Any, *options: Any, **context: Any) -> Any:
        """Row values, which both databases compare through an index."""
        parts = [compiler.compile(each) for each in self.source_expressions]
        half = len(parts) // 2
        left, right = (", ".join(sql for sql, _ in side) for side in (parts[:half], parts[half:]))
        return f"({left}) {self.sign} ({right})", [value for _, params in parts for value in params]


class Test(Protocol):
    """What is asked of one value."""

    scans: bool
    """Whether every value has to be read, so that no index leads there."""

    def sql(self, value: Expression) -> Q:
        """The condition on an expression that is a value."""


@dataclass(frozen=True)
class OneOf:
    """The value is one of these."""

    values: Sequence[Any]
    scans = False

    def sql(self, value: Expression) -> Q:
        return Q(Exact(value, self.values[0]) if len(self.values) == 1 else In(value, [*self.values]))


@dataclass(frozen=True)
class Part:
    """The value, folded text, contains this one."""

    text: str
    scans = True

    def sql(self, value: Expression) -> Q:
        return Q(Contains(value, Value(self.text, CharField())))


@dataclass(frozen=True)
class Start:
    """The value begins with one of these texts."""

    text: str
    scans = False

    def sql(self, value: Expression) -> Q:
        return Q(Begins(value, Value(self.text, CharField())))


@dataclass(frozen=True)
class Span:
    """The value is between these two, both included; ``None`` sets no bound."""

    low: Any = None
    high: Any = None
    scans = False

    def sql(self, value: Expression) -> Q:
        condition = Q()
        if self.low is not None:
            condition &= Q(GreaterThanOrEqual(value, bound(self.low)))
        if self.high is not None:
            condition &= Q(LessThanOrEqual(value, bound(self.high)))
        return condition

    def holds(self, number: int) -> bool:
        """Whether a whole number is inside."""
        return (self.low is None or self.low <= number) and (self.high is None or number <= self.high)


def bound(value: Any) -> Any:
    """A bound as SQL compares it: SQLite takes a decimal for text unless it is told."""
    return Cast(Value(value), DecimalField(max_digits=18, decimal_places=2)) if isinstance(value, Decimal) else value


class Place(Protocol):
    """Where the values of a company stand."""

    def where(self, test: Test, checked: bool) -> Q:
        """The companies of which some value passes the test."""

    def known(self, checked: bool) -> Q:
        """The companies that have a value."""

    def unknown(self, checked: bool) -> Q:
        """The companies that have none."""


def column(name: str, checked: bool) -> Expression:
    """A column of the company, its index to be used or not."""
    return Unindexed(F(name)) if checked else F(name)


@dataclass(frozen=True)
class Column:
    """A column of the company itself (or of ``model``); what is empty there is not known."""

    name: str
    shown: str = ""
    """The column with the value as it came, where this one holds it folded."""
    model: type[Model] = Company

    def where(self, test: Test, checked: bool) -> Q:
        if test.scans and not checked:  # apart, SQLite reads the whole index rather than the whole table
            return Q(pk__in=self.model._default_manager.filter(test.sql(F(self.name))).values("pk"))
        return test.sql(column(self.name, checked))

    def known(self, checked: bool) -> Q:
        value = column(self.name, checked)
        return Q(IsNull(value, False) if self._nullable else GreaterThan(value, ""))

    def unknown(self, checked: bool) -> Q:
        value = column(self.name, checked)
        return Q(IsNull(value, True) if self._nullable else Exact(value, ""))

    @property
    def _nullable(self) -> bool:
        return bool(self.model._meta.get_field(self.name).null)

    def seen(self, start: str, most: int) -> list[str]:
        """The values that begin so, a few of them, as they came."""
        rows = self.model._default_manager.all()
        if self.model is Company:
            rows = rows.filter(IsNull(Unindexed(F("merged_into")), True))
        return _seen(rows, self.name, self.shown or self.name, start, most)


@dataclass(frozen=True)
class Instants(Column):
    """A column of instants, asked for by days of the workspace's time zone."""

    def where(self, test: Test, checked: bool) -> Q:
        assert isinstance(test, Span)
        value, condition = column(self.name, checked), Q()
        if test.low is not None:
            condition &= Q(GreaterThanOrEqual(value, Value(midnight(test.low))))
        if test.high is not None:
            condition &= Q(LessThan(value, Value(midnight(test.high + timedelta(days=1)))))
        return condition


@dataclass(frozen=True)
class Headcount(Column):
    """The headcount; where only a bracket is known, the bracket's lower bound (design §4)."""

    bracket: Column = Column("headcount_bracket")

    def where(self, test: Test, checked: bool) -> Q:
        assert isinstance(test, Span)
        inside = OneOf([code for code, (low, _) in BRACKETS.items() if test.holds(low)])
        known = Q(IsNull(column(self.name, checked), False)) & super().where(test, checked)
        bracketed = self.bracket.where(inside, checked)
        if not checked:  # either apart, through its own index
            known, bracketed = (Q(pk__in=Company.objects.filter(each).values("pk")) for each in (known, bracketed))
        return known | bracketed & Q(IsNull(column(self.name, checked), True))

    def known(self, checked: bool) -> Q:
        return super().known(checked) | self.bracket.where(OneOf([*BRACKETS]), checked)

    def unknown(self, checked: bool) -> Q:
        return super().unknown(checked) & self.bracket.where(OneOf([""]), checked)


@dataclass(frozen=True)
class Rows:
    """Rows that belong to companies, or to contacts: names, domains, claims, tags, the users' own values."""

    model: type[Model]
    name: str
    only: Mapping[str, Any] = field(default_factory=dict)
    shown: str = ""
    subject: str = "company"

    def where(self, test: Test, checked: bool) -> Q:
        return self._companies(self._rows().filter(test.sql(F(self.name))), checked)

    def known(self, checked: bool) -> Q:
        return self._companies(self._rows(), checked or self._more_than(0.05))

    def unknown(self, checked: bool) -> Q:
        return ~self._companies(self._rows(), checked or not self._more_than(0.9))

    def _more_than(self, share: float) -> bool:
        """Whether about so many companies have such a row: where many match, each is asked rather than all gathered."""
        owner: Any = self.model._meta.get_field(self.subject).related_model
        last = owner.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        most = int(last * share)
        return bool(self._rows().values("pk")[: most + 1].count() > most)

    def seen(self, start: str, most: int) -> list[str]:
        """The values that begin so, a few of them, as they came."""
        return _seen(self._rows(), self.name, self.shown or self.name, start, most)

    def _rows(self) -> Any:
        return self.model._default_manager.filter(**self.only)

    def _companies(self, rows: Any, checked: bool) -> Q:
        if checked:
            return Q(Exists(rows.filter(**{self.subject: OuterRef("pk")})))
        return Q(pk__in=rows.values(self.subject))


@dataclass(frozen=True)
class Through:
    """What stands with the company of a contact."""

    place: Place

    def where(self, test: Test, checked: bool) -> Q:
        return self._of(self.place.where(test, False), checked)

    def known(self, checked: bool) -> Q:
        return self._of(self.place.known(False), checked)

    def unknown(self, checked: bool) -> Q:
        company = column("company", checked)
        return Q(IsNull(company, True)) | self._of(self.place.unknown(False), checked)

    @staticmethod
    def _of(companies: Q, checked: bool) -> Q:
        return Q(In(column("company", checked), Company.objects.filter(companies).values("pk")))


def _seen(rows: Any, key: str, shown: str, start: str, most: int) -> list[str]:
    """Values in order, each found from the one before: as quick with a million rows as with ten."""
    found: list[str] = []
    after = Q(GreaterThanOrEqual(F(key), start)) & Q(GreaterThan(F(key), ""))
    while len(found) < most:
        row = rows.filter(after).order_by(key).values_list(key, shown).first()
        if row is None or not row[0].startswith(start):
            break
        found.append(row[1])
        after = Q(GreaterThan(F(key), row[0]))
    return found
