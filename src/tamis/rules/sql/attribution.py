"""Whose an event is, as SQL: a row an event and subject, each once.

    e  the events asked for, read once
    f  those that name nobody, by their visitors' stays: as if they named what the stay names
    x  all that name somebody
    b  a row for each subject that something named leads to

An event that names a contact or a company is theirs; one that names neither is of whom its visitor was at that moment
(the table ``stays``). A company's events are those that name it, of its contacts, and of its visitors. What one event
names may lead to a subject twice: only where it names several things are the rows made distinct.
"""

from collections.abc import Mapping, Sequence

from tamis.rules.nodes import Subject

NAMES = ("contact_email", "contact_id", "company_siren", "company_id", "company_domain")
"""The columns of an event that name somebody, as in ``sources/events.py``."""
_OF_STAY = ("contact_email", "contact_ref", "company_siren", "company_ref", "company_domain")
_OF_CONTACTS = 2  # the first so many name a contact
_NOBODY = " AND ".join(f"e.{name} IS NULL" for name in NAMES)
_THEN = "s.visitor = e.visitor AND (s.after IS NULL OR e.ts > s.after) AND (s.until IS NULL OR e.ts <= s.until)"

_KEPT = (
    "WITH RECURSIVE up AS (SELECT id AS origin, merged_into AS place FROM companies WHERE merged_into IS NOT NULL "
    "UNION ALL SELECT up.origin, c.merged_into FROM up JOIN companies c ON c.id = up.place "
    "WHERE c.merged_into IS NOT NULL) SELECT origin, place FROM up"
)
"""Of each company that was merged into another: the company that kept it, the one that kept that one, and so on."""
_WEB = (
    "SELECT DISTINCT company, CASE WHEN min(company) OVER (PARTITION BY key) = max(company) OVER (PARTITION BY key) "
    "THEN key ELSE host END AS domain FROM company_domains"
)
"""The domains of each company, with all hosts below: the registrable one of who is alone there, else its own host."""
_LEVELS = 6
"""So many labels may stand before a company's domain, and it is its host all the same."""


def _number(column: str) -> str:
    """A number written as Tamis writes it, else NULL: ``007`` is nobody's."""
    read = f"TRY_CAST({column} AS BIGINT)"
    return f"CASE WHEN CAST({read} AS VARCHAR) = {column} THEN {read} END"


_EMAIL = "JOIN contacts c ON c.email_key = x.contact_email"
_CONTACT = f"JOIN contacts c ON c.id = {_number('x.contact_id')}"
_BRANCHES: Mapping[Subject, Sequence[tuple[str, str]]] = {
    "contacts": (("c.id", _EMAIL), ("c.id", _CONTACT)),
    "companies": (
        ("c.company", f"{_EMAIL} WHERE c.company IS NOT NULL"),
        ("c.company", f"{_CONTACT} WHERE c.company IS NOT NULL"),
        ("c.id", "JOIN companies c ON c.siren = x.company_siren WHERE c.merged_into IS NULL"),
        ("i.company", "JOIN company_identifiers i ON i.value = x.company_siren WHERE i.type = 'siren'"),
        ("c.id", f"JOIN companies c ON c.id = {_number('x.company_id')} WHERE c.merged_into IS NULL"),
        ("c.id", f"JOIN kept k ON k.origin = {_number('x.company_id')} JOIN companies c ON c.id = k.place "
                 "WHERE c.merged_into IS NULL"),
        ("d.company", "JOIN {hosts} d ON d.host = x.company_domain"),
    ),
}  # fmt: skip
"""What leads from what an event names to subjects: the subject, and the join with ``x``."""


def needs(subject: Subject) -> Mapping[str, str]:
    """The tables by which the events of such subjects are found, made from others: SQL by name, in order."""
    return {"kept": _KEPT, "web": _WEB} if subject == "companies" else {}


def attributed(
    subject: Subject, columns: Mapping[str, str], where: str, name: str, source: str = "events"
) -> str:  # fmt: skip
    """The common table expression ``name``: ``subject``, ``ts``, and columns by name, made of the row ``e`` of events.

    ``where`` is a condition on ``e``, a row of ``source``. It is a list of expressions, to stand behind ``WITH``; their
    names begin with ``name``.
    """
    made = steps(subject, columns, where, name, source)
    return ", ".join(f"{each} AS MATERIALIZED ({sql})" for each, sql in made.items())


def steps(
    subject: Subject, columns: Mapping[str, str], where: str, name: str, source: str = "events"
) -> Mapping[str, str]:  # fmt: skip
    """The expressions of :func:`attributed`: SQL by name, each made from those before it."""
    names = NAMES[:_OF_CONTACTS] if subject == "contacts" else NAMES
    e, f, x, b, hosts = (f"{name}_{each}" for each in ("e", "f", "x", "b", "hosts"))
    made = "".join(f", {sql} AS {column}" for column, sql in columns.items())
    kept, of_e, of_x = ("".join(f", {alias}{column}" for column in columns) for alias in ("", "e.", "x."))
    of_stay = ", ".join(f"s.{old} AS {new}" for new, old in zip(names, _OF_STAY, strict=False))
    several = " + ".join(f"CAST({each} IS NOT NULL AS INTEGER)" for each in names) + " > 1 AS several"
    said = ", ".join(names)
    return {
        e: f"SELECT row_number() OVER () AS n, e.ts, e.visitor, ({_NOBODY}) AS nobody, "
           f"{', '.join(f'e.{each}' for each in names)}{made} FROM {source} e WHERE {where}",
        f: f"SELECT e.n, e.ts, {of_stay}{of_e} FROM {e} e JOIN stays s ON {_THEN} WHERE e.nobody",
        x: f"SELECT n, ts, {several}, {said}{kept} FROM {e} WHERE NOT nobody "
           f"UNION ALL SELECT n, ts, {several}, {said}{kept} FROM {f}",
        **({hosts: _hosts(x)} if subject == "companies" else {}),
        b: " UNION ALL ".join(
            f"SELECT {found} AS subject, x.n, x.several, x.ts{of_x} FROM {x} x {join.format(hosts=hosts)}"
            for found, join in _BRANCHES[subject]
        ),
        name: f"SELECT subject, ts{kept} FROM {b} WHERE NOT several UNION ALL SELECT subject, ts{kept} "
              f"FROM (SELECT DISTINCT subject, n, ts{kept} FROM {b} WHERE several) v",
    }  # fmt: skip


def _hosts(x: str) -> str:
    """The companies of the hosts in a table: a host is a company's when it is its domain, or one below."""
    parents = "SELECT host, host AS parent FROM h" + "".join(
        f" UNION ALL SELECT host, regexp_extract(host, '^([^.]+[.]){{{n}}}(.+)$', 2) FROM h"
        for n in range(1, _LEVELS + 1)
    )
    return (
        f"SELECT DISTINCT p.host, d.company FROM (WITH {x}_h AS (SELECT DISTINCT company_domain AS host FROM {x} "
        f"WHERE company_domain IS NOT NULL) {parents.replace('FROM h', f'FROM {x}_h')}) p "
        "JOIN web d ON d.domain = p.parent"
    )
