"""The tables by status: in the users' order, whatever the names, those without a status last."""

import re
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from tamis.app.models import Company, Contact, Status
from tamis.app.services import company_table, contacts, statuses, table_orders
from tamis.app.services.company_filters import Filters
from tamis.app.services.contact_table import ContactFilters

HELD = {"Acme": "Prospect", "Bolt": "", "Crin": "Client", "Dune": "Prospect", "Épée": "Perdu"}
DOWNWARDS = ["Épée", "Crin", "Dune", "Acme", "Bolt"]
UPWARDS = ["Acme", "Dune", "Crin", "Épée", "Bolt"]


@pytest.fixture
def order(alice: Any) -> dict[str, Status]:
    """Prospect before Client before Perdu, made in another order; nobody holds « Chaud »."""
    made = {name: statuses.add(alice, name) for name in ("Perdu", "Client", "Chaud", "Prospect")}
    statuses.move(alice, made["Prospect"], 1)
    statuses.move(alice, made["Perdu"], 4)
    return made


@pytest.fixture(params=["companies", "contacts"])
def table(request: Any, alice: Any, company: Any, order: dict[str, Status]) -> Any:
    """The table of five companies, or that of five contacts, and their names on a page of it."""
    filters, model = (Filters, Company) if request.param == "companies" else (ContactFilters, Contact)
    for name, status in HELD.items():
        made = company(name, city="Lyon") if model is Company else contacts.add(
            alice, {"last_name": name, "email": f"a.{len(name)}{ord(name[0])}@acme-exemple.fr", "city": "Lyon"}
        )  # fmt: skip
        model._default_manager.filter(pk=made.pk).update(status=order.get(status))

    def shown(query: str, **place: Any) -> Any:
        return company_table.page(filters.read(QueryDict(query)), 2, **place)

    return shown


@pytest.mark.parametrize(("few", "horizon"), [(5_000, 10_000), (1, 10_000), (1, 0)], ids=["found", "walked", "far"])
@pytest.mark.parametrize(("sort", "names"), [("status", UPWARDS), ("-status", DOWNWARDS)])
@pytest.mark.parametrize("asked", ["", "city=Lyon&"])
def test_pages_follow_the_users_order_there_and_back(
    table: Any, monkeypatch: pytest.MonkeyPatch, few: int, horizon: int, sort: str, names: list[str], asked: str
) -> None:
    for name, value in (("FEW", few), ("HORIZON", horizon), ("LEAST", horizon)):
        monkeypatch.setattr(table_orders, name, value)
    monkeypatch.setattr(company_table, "PAGE", 2)
    first = table(f"{asked}sort={sort}")
    second = table(f"{asked}sort={sort}", after=first.companies[-1].pk)
    third = table(f"{asked}sort={sort}", after=second.companies[-1].pk)
    assert [str(each).split()[0] for page in (first, second, third) for each in page.companies] == names
    assert (third.has_previous, third.has_next) == (True, False)
    back = table(f"{asked}sort={sort}", before=third.companies[0].pk)
    assert back.companies == second.companies


def test_an_order_changed_is_followed_at_once(alice: Any, table: Any, order: dict[str, Status]) -> None:
    statuses.move(alice, order["Perdu"], 1)
    assert [str(each) for each in table("sort=status").companies] == ["Épée", "Acme", "Dune", "Crin", "Bolt"]


def test_a_condition_on_the_status_goes_with_the_order(table: Any, order: dict[str, Status]) -> None:
    query = f"status.in={order['Client'].pk}|{order['Prospect'].pk}&sort=-status"
    assert [str(each) for each in table(query).companies] == ["Crin", "Dune", "Acme"]
    assert [str(each) for each in table(f"status={order['Prospect'].pk}&sort=status").companies] == ["Acme", "Dune"]


@pytest.mark.sqlite_only
def test_nothing_is_sorted_where_the_index_has_the_order(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_orders, "FEW", 1)  # as with a million: walked
    first = table("city=Lyon&sort=status").companies[0]
    with CaptureQueriesContext(connection) as queries:
        table("city=Lyon&sort=status", after=first.pk)
        table("sort=-status")
    walked = [each["sql"] for each in queries.captured_queries if re.search(r'"status_id" = \d', each["sql"])]
    assert len(walked) >= 8  # a horizon and rows of each status
    with connection.cursor() as cursor:
        for sql in walked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(row[3] for row in cursor.fetchall())
            assert "_by_status (status_id=?" in plan, plan
            assert "TEMP B-TREE" not in plan, plan
