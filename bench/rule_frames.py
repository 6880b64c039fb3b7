"""The same questions as a pandas script such as an analyst would write: the columns read, merged, grouped.

Each function gives the ids that its rule selects. Nothing is kept from one question to the next.
"""

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from bench.crowd import NOW
from tamis.engines.contract import Stored

Ids = set[int]
_NAMED = ["visitor", "contact_email", "contact_id", "company_siren", "company_id", "company_domain"]
_BRACKETS = {"01": 1, "02": 3, "11": 10, "12": 20, "21": 50, "22": 100, "31": 200}
_SIX, _TWELVE = pd.Timestamp("2026-03-30T21:30Z"), pd.Timestamp("2025-09-30T21:30Z")


class Data:
    """The crowd's tables, read column by column."""

    def __init__(self, tables: dict[str, Stored]) -> None:
        self.tables = tables

    def read(self, table: str, columns: list[str], where: pc.Expression | None = None) -> pd.DataFrame:
        """Some columns of the rows for which an expression holds."""
        stored = self.tables[table]
        read = ds.dataset(list(stored.files)).to_table(columns=columns, filter=where)
        beside = ds.dataset(stored.rows).to_table(columns=columns, filter=where)
        return pa.concat_tables([read, beside.cast(read.schema)]).to_pandas(types_mapper=_TYPES.get)

    def events(
        self, kind: str, columns: list[str], since: pd.Timestamp | None = None, where: pc.Expression | None = None
    ) -> pd.DataFrame:
        """The events of a kind, from a moment on and up to now."""
        wanted = (pc.field("kind") == kind) & (pc.field("ts") <= pa.scalar(NOW))
        if since is not None:
            wanted &= pc.field("ts") > pa.scalar(since.to_pydatetime())
        return self.read("events", ["ts", *_NAMED, *columns], wanted if where is None else wanted & where)

    def companies(self, columns: list[str]) -> pd.DataFrame:
        """Companies that are not merged into another."""
        return self.read("companies", ["id", *columns], pc.field("merged_into").is_null())

    def of_contacts(self, events: pd.DataFrame) -> pd.DataFrame:
        """A row an event that a contact owns, with ``contact``."""
        emails = self.read("contacts", ["id", "email_key"], pc.field("email_key").is_valid()).rename(
            columns={"id": "contact"}
        )
        stays = self.read("stays", ["visitor", "after", "until", "contact_email", "contact_ref"])
        stays = stays.merge(emails, how="left", left_on="contact_email", right_on="email_key")
        stays["contact"] = stays["contact"].fillna(stays["contact_ref"].astype("Float64").astype("Int64"))
        named = events[events["contact_email"].notna()].merge(emails, left_on="contact_email", right_on="email_key")
        numbered = events[events["contact_id"].notna()].copy()
        numbered["contact"] = numbered["contact_id"].astype("int64")
        return pd.concat([named, numbered, _then(events, stays[stays["contact"].notna()], "contact")])

    def of_companies(self, events: pd.DataFrame) -> pd.DataFrame:
        """A row for each company that owns an event, once, with ``company``."""
        events = events.reset_index(drop=True).reset_index(names="event")
        known = self.read("companies", ["id", "siren", "merged_into"])
        people = self.read("contacts", ["id", "email_key", "company"], pc.field("company").is_valid())
        stays = self.read(
            "stays", ["visitor", "after", "until", "contact_email", "contact_ref", "company_siren", "company_domain"]
        )
        sirens = known[known["siren"].notna()].rename(columns={"id": "company"})[["siren", "company"]]
        hosts = self._hosts(pd.concat([events["company_domain"], stays["company_domain"]]))
        numbers = events[events["company_id"].notna()].copy()
        numbers["id"] = numbers["company_id"].astype("int64")
        numbers = numbers.merge(known[["id", "merged_into"]], on="id")
        numbers["company"] = numbers["merged_into"].fillna(numbers["id"])
        found = [
            events[events["company_siren"].notna()].merge(sirens, left_on="company_siren", right_on="siren"),
            numbers,
            events[events["company_domain"].notna()].merge(hosts, on="company_domain"),
            _of_people(events, people, "contact_id"),
        ]
        who = [
            stays[stays["company_siren"].notna()].merge(sirens, left_on="company_siren", right_on="siren"),
            stays[stays["company_domain"].notna()].merge(hosts, on="company_domain"),
            _of_people(stays, people, "contact_ref"),
        ]
        found += [_then(events, pd.concat(who)[["visitor", "after", "until", "company"]], "company")]
        return pd.concat(found).drop_duplicates(["company", "event"])

    def _hosts(self, domains: pd.Series) -> pd.DataFrame:
        """The companies of each domain: it is theirs, or below one of theirs."""
        owned = self.read("company_domains", ["company", "key"]).drop_duplicates()
        hosts = pd.DataFrame({"company_domain": domains.dropna().unique()})
        hosts["key"] = [[host.split(".", n)[-1] for n in range(host.count("."))] for host in hosts["company_domain"]]
        return hosts.explode("key").merge(owned, on="key")[["company_domain", "company"]].drop_duplicates()

    def tagged(self, of: str, name: str, category: str = "") -> Ids:
        """Who has a tag of this name."""
        tags = self.read("tags", ["id", "name_folded", "category"])
        if category:
            kinds = self.read("tag_categories", ["id", "name_folded"])
            tags = tags[tags["category"].isin(kinds[kinds["name_folded"] == category]["id"])]
        rows = self.read(f"{of}_tags", ["tag", of])
        return {*rows[rows["tag"].isin(tags[tags["name_folded"] == name]["id"])][of]}

    def own(self, field: str) -> pd.DataFrame:
        """The values of a field of the users' own."""
        return self.read("company_fields", ["company", "text", "number", "text_day"], pc.field("field") == field)

    def lists(self, column: str, *wanted: str) -> Ids:
        """The lists with these names, or of these segments."""
        rows = self.read("lists", ["id", column])
        return {*rows[rows[column].isin(wanted)]["id"]}

    def status(self, name: str) -> int:
        """The id of a status."""
        rows = self.read("statuses", ["id", "name_folded"])
        return int(rows[rows["name_folded"] == name]["id"].iloc[0])


_TYPES = {
    pa.int64(): pd.Int64Dtype(),
    pa.string(): pd.StringDtype("pyarrow"),
    pa.bool_(): pd.BooleanDtype(),
    pa.date32(): pd.ArrowDtype(pa.date32()),
    pa.decimal128(18, 4): pd.ArrowDtype(pa.decimal128(18, 4)),
    pa.decimal128(18, 2): pd.ArrowDtype(pa.decimal128(18, 2)),
}


def _of_people(rows: pd.DataFrame, people: pd.DataFrame, reference: str) -> pd.DataFrame:
    """The rows that name a contact, with its company."""
    emails = people[people["email_key"].notna()]
    named = rows[rows["contact_email"].notna()].merge(emails, left_on="contact_email", right_on="email_key")
    numbered = rows[rows[reference].notna()].copy()
    numbered["number"] = numbered[reference].astype("int64")
    return pd.concat([named, numbered.merge(people[["id", "company"]], left_on="number", right_on="id")])


def _then(events: pd.DataFrame, stays: pd.DataFrame, of: str) -> pd.DataFrame:
    """The events that name nobody but a visitor, of whom that visitor was at the moment."""
    unnamed = events[events["visitor"].notna() & events[_NAMED[1:]].isna().all(axis=1)]
    both = unnamed.merge(stays[["visitor", "after", "until", of]], on="visitor")
    in_time = (both["after"].isna() | (both["ts"] > both["after"])) & (
        both["until"].isna() | (both["ts"] <= both["until"])
    )
    return both[in_time]


def _since(days: int) -> pd.Timestamp:
    return pd.Timestamp(NOW - timedelta(days=days))


def _headcount(companies: pd.DataFrame) -> pd.Series:
    return companies["headcount"].fillna(companies["headcount_bracket"].map(_BRACKETS).astype("Int64"))


def _true(frame: pd.DataFrame, *conditions: pd.Series, of: str = "id") -> Ids:
    """The ids for which all conditions are true: what is missing is not."""
    for each in conditions:
        frame = frame[each.reindex(frame.index).fillna(False).astype(bool)]
    return {*frame[of]}


def _often(events: pd.DataFrame, of: str) -> pd.Series:
    return events.groupby(of).size()


def _top(values: pd.Series, percent: int) -> Ids:
    values = values.dropna().sort_values(ascending=False)
    return {*values[values >= values.iloc[(percent * len(values) + 99) // 100 - 1]].index}


def _sequence(first: pd.DataFrame, then: pd.DataFrame, of: str) -> pd.DataFrame:
    """Each later event with the latest one strictly before it (``first``: when that chain began)."""
    first = first[[of, "ts", *(["first"] if "first" in first else [])]].sort_values("ts")
    if "first" not in first:
        first["first"] = first["ts"]
    then = then[[of, "ts"]].sort_values("ts")
    return pd.merge_asof(then, first, on="ts", by=of, allow_exact_matches=False).dropna(subset="first")


def _fields(data: Data) -> Ids:
    known = data.companies(["naf", "headcount", "headcount_bracket", "department"])
    return _true(
        known,
        known["naf"].str.startswith("62"),
        _headcount(known).between(50, 249),
        known["department"].isin(["69", "01"]),
    )


def _texts(data: Data) -> Ids:
    known = data.read("contacts", ["id", "job_title_folded", "city_folded", "level_folded"])
    elsewhere = ~(known["city_folded"] == "evreux 12").fillna(False)
    return _true(
        known,
        known["job_title_folded"].str.contains("clientele", regex=False),
        elsewhere,
        known["level_folded"].isin(["cadre", "employe"]),
    )


def _own(data: Data) -> Ids:
    parc, contract, cooled, renewed = (data.own(name) for name in ("parc", "contrat", "clim", "renouvellement"))
    found = _true(parc, parc["number"].between(50, 200), of="company") & _true(
        contract, contract["text"] == "or", of="company"
    )
    found &= _true(cooled, cooled["text"] == "oui", of="company") & _true(
        renewed, renewed["text_day"] < date(2026, 8, 31), of="company"
    )
    return found & {*data.companies([])["id"]}


def _names(data: Data) -> Ids:
    names = data.read("company_names", ["company", "kind", "text_folded"])
    domains = data.read("company_domains", ["company", "use", "host"])
    found = _true(names, names["text_folded"].str.contains("climatisation|chauffage"), of="company")
    found &= _true(domains, domains["use"] == "email", domains["host"].str.endswith("7.fr"), of="company")
    return (found - _true(names, names["kind"] == "brand", of="company")) & {*data.companies([])["id"]}


def _tag(data: Data) -> Ids:
    known = data.read("contacts", ["id", "status"])
    return _true(known, known["status"] == data.status("chaud")) & data.tagged("contact", "industrie", "secteur")


def _segment(data: Data) -> Ids:
    known = data.companies(["list", "revenue"])
    return _true(
        known,
        known["list"].isin(data.lists("segment", "client") | data.lists("name", "prospect-salons")),
        known["revenue"] > 1_000_000,
    )


def _has_contacts(data: Data) -> Ids:
    people = data.read(
        "contacts", ["company", "level_folded", "function_folded", "email"], pc.field("company").is_valid()
    )
    chosen = people[
        people["level_folded"].isin(["direction", "dirigeant"])
        & (people["function_folded"] == "commercial").fillna(False)
    ]
    many = _often(chosen, "company")
    return ({*many[many >= 3].index} - {*people[people["email"].isna()]["company"]}) & {*data.companies([])["id"]}


def _of_company(data: Data) -> Ids:
    known = data.companies(["headcount", "headcount_bracket", "list"])
    small = _true(known, _headcount(known) < 10, known["list"].isin(data.lists("name", "prospect-salons")))
    people = data.read("contacts", ["id", "company", "country"])
    return _true(people, people["company"].isin(small - data.tagged("company", "eau")), people["country"] == "FR")


def _did_contacts(data: Data) -> Ids:
    seen = _often(
        data.of_contacts(data.events("page_view", [], _since(30), pc.field("path_folded") == "/tarifs")), "contact"
    )
    return {*seen[seen >= 2].index}


def _did_companies(data: Data) -> Ids:
    views = data.events("page_view", [], _since(90), pc.starts_with(pc.field("path_folded"), "/produits"))
    seen = _often(data.of_companies(views), "company")
    lost = data.of_companies(data.events("deal_lost", [], _since(90)))
    return ({*seen[seen >= 20].index} - {*lost["company"]}) & {*data.companies([])["id"]}


def _did_not(data: Data) -> Ids:
    opened = _often(data.of_contacts(data.events("email_open", [], _since(365))), "contact")
    return {*opened[opened >= 5].index} - {*data.of_contacts(data.events("email_click", [], _since(90)))["contact"]}


def _exactly(data: Data) -> Ids:
    web = (pc.field("channel_folded") == "web") & (pc.field("value") >= pa.scalar(500, pa.decimal128(18, 4)))
    bought = _often(data.of_companies(data.events("purchase", [], _SIX, web)), "company")
    calls = data.events("call", ["more"])
    calls = calls[
        [dict(pairs or ()).get("agent") == "Zoé" if isinstance(pairs, list) else False for pairs in calls["more"]]
    ]
    called = _often(data.of_companies(calls), "company")
    return ({*bought[bought == 2].index} - {*called[called > 1].index}) & {*data.companies([])["id"]}


def _sum(data: Data) -> Ids:
    total = data.of_contacts(data.events("purchase", ["value"], _since(365))).groupby("contact")["value"].sum()
    return {*total[total > 10_000].index}


def _spread(data: Data) -> Ids:
    grouped = data.of_companies(data.events("purchase", ["value", "margin"])).groupby("company")
    total, count = grouped["value"].sum(), grouped["value"].count()
    right = (total >= 900 * count) & (grouped["margin"].min() > 100) & (grouped["value"].max() < 20_000)
    return {*right[right.fillna(False)].index} & {*data.companies([])["id"]}


def _distinct(data: Data) -> Ids:
    paths = (
        data.of_contacts(data.events("page_view", ["path_folded"], _since(90)))
        .groupby("contact")["path_folded"]
        .nunique()
    )
    return {*paths[paths >= 10].index}


def _most_frequent(data: Data) -> Ids:
    bought = data.of_companies(data.events("purchase", ["product_folded"], _TWELVE)).dropna(subset="product_folded")
    counted = bought.groupby(["company", "product_folded"]).agg(n=("ts", "size"), last=("ts", "max")).reset_index()
    best = counted.sort_values(["n", "last"]).groupby("company").tail(1)
    return _true(best, best["product_folded"] == "produit 0", of="company") & {*data.companies([])["id"]}


def _days(data: Data) -> Ids:
    opened = data.of_contacts(data.events("email_open", [])).groupby("contact")["ts"].agg(["min", "max", "count"])
    apart = opened["max"] - opened["min"] < timedelta(days=30) * (opened["count"] - 1)
    return {*opened[(opened["max"] <= _since(181)) & (opened["count"] > 1) & apart].index}


def _compared(data: Data) -> Ids:
    seen = data.of_contacts(data.events("page_view", [], _since(90)))
    late = seen[seen["ts"] > _since(30)].groupby("contact").size()
    every = _often(seen, "contact")
    return {*every[2 * late.reindex(every.index, fill_value=0) < every].index}


def _ranks(data: Data) -> Ids:
    known = data.companies(["revenue"]).set_index("id")
    total = data.of_companies(data.events("purchase", ["value"], _TWELVE)).groupby("company")["value"].sum()
    return _top(known["revenue"], 5) | _top(total[total.index.isin(known.index)], 10)


def _two_steps(data: Data) -> Ids:
    forms = data.of_contacts(data.events("form", [], None, pc.field("form_folded") == "demo"))
    found = _sequence(forms, data.of_contacts(data.events("purchase", [])), "contact")
    return {*found[found["ts"] - found["first"] <= timedelta(days=14)]["contact"]}


def _three_steps(data: Data) -> Ids:
    views = data.of_companies(data.events("page_view", [], _SIX, pc.field("path_folded") == "/tarifs"))
    forms = _sequence(views, data.of_companies(data.events("form", [], _SIX)), "company")
    found = _sequence(forms, data.of_companies(data.events("deal_won", [], _SIX)), "company")
    return {*found[found["ts"] - found["first"] <= timedelta(days=60)]["company"]} & {*data.companies([])["id"]}


def _deep(data: Data) -> Ids:
    known = data.companies(["headcount", "headcount_bracket", "list"])
    small = _true(known, _headcount(known) < 50) - _true(
        known, known["list"].isin(data.lists("name", "prospect-salons"))
    )
    people = data.read("contacts", ["id", "company", "level_folded", "status"])
    opened = {*data.of_contacts(data.events("email_open", [], _since(90)))["contact"]}
    spent = data.of_contacts(data.events("purchase", ["value"], _since(365))).groupby("contact")["value"].sum()
    found = _true(people, people["company"].isin(small)) - _true(people, people["status"] == data.status("froid"))
    found &= _true(people, people["level_folded"] == "direction") | data.tagged("contact", "industrie", "secteur")
    return found & (opened | _two_steps(data)) - {*spent[spent > 10_000].index}


FRAMES: dict[str, Callable[[Data], Ids]] = {
    "fields of companies": _fields,
    "texts of contacts": _texts,
    "own fields": _own,
    "names and domains": _names,
    "tag and status": _tag,
    "segment and list": _segment,
    "has contacts": _has_contacts,
    "of the company": _of_company,
    "did, contacts": _did_contacts,
    "did, companies": _did_companies,
    "did and did not": _did_not,
    "exactly, at most": _exactly,
    "sum": _sum,
    "avg, min, max": _spread,
    "count distinct": _distinct,
    "most frequent": _most_frequent,
    "days since, days between": _days,
    "two counts compared": _compared,
    "ranks": _ranks,
    "sequence of two": _two_steps,
    "sequence of three": _three_steps,
    "deep": _deep,
}
