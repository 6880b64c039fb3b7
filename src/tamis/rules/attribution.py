"""Whose an event is, as SQL: a row an event and subject, each once.

An event that names a contact or a company is theirs; one that names neither is of whom its visitor was at that moment
(the table ``stays``). A company's events are those that name it, of its contacts, and of its visitors.

What an event names is looked up in a table of keys: the sort of key (:data:`SORTS`), the key as events have it, and the
subject. The tables of :data:`DERIVED` are made once by an engine, when a query first needs them.
"""

from collections.abc import Mapping, Sequence

from tamis.rules.nodes import Subject

SORTS = ("contact_email", "contact_id", "company_siren", "company_id", "company_domain")
"""The columns of an event that name somebody; a stay has the same in ``_STAY``."""
_STAY = ("contact_email", "contact_ref", "company_siren", "company_ref", "company_domain")
_CONTACT = 2  # the first so many name a contact

_EMAILS = "SELECT 0 AS sort, email_key AS key, {subject} AS subject FROM contacts WHERE email_key IS NOT NULL"
_NUMBERS = (
    "SELECT 1 AS sort, n.key, {subject} AS subject FROM (SELECT DISTINCT contact_id AS key FROM events "
    "WHERE contact_id IS NOT NULL UNION SELECT contact_ref FROM stays WHERE contact_ref IS NOT NULL) n "
    "JOIN contacts ON CAST(contacts.id AS VARCHAR) = n.key"
)
_SIRENS = (
    "SELECT 2 AS sort, siren AS key, id AS subject FROM companies WHERE siren IS NOT NULL AND merged_into IS NULL "
    "UNION SELECT 2, value, company FROM company_identifiers WHERE type = 'siren'"
)
_COMPANIES = (
    "SELECT 3 AS sort, n.key, coalesce(c.merged_into, c.id) AS subject FROM (SELECT DISTINCT company_id AS key "
    "FROM events WHERE company_id IS NOT NULL UNION SELECT company_ref FROM stays WHERE company_ref IS NOT NULL) n "
    "JOIN companies c ON CAST(c.id AS VARCHAR) = n.key"
)
_HOSTS = (
    "SELECT company_domain AS host FROM events WHERE company_domain IS NOT NULL "
    "UNION SELECT company_domain FROM stays WHERE company_domain IS NOT NULL"
)
_LEVELS = 6  # labels that may stand before a company's domain, and be its host all the same
_DOMAINS = (
    "SELECT DISTINCT 4 AS sort, h.host AS key, d.company AS subject FROM (SELECT DISTINCT host, parent FROM ("
    f"SELECT host, host AS parent FROM ({_HOSTS}) h "
    + " ".join(
        f"UNION ALL SELECT host, regexp_extract(host, '^([^.]+[.]){{{{{n}}}}}(.+)$', 2) FROM ({_HOSTS}) h"
        for n in range(1, _LEVELS + 1)
    )
    + ") p WHERE parent <> '') h JOIN company_domains d ON d.key = h.parent"
)


def _keys(*parts: str, subject: str) -> str:
    return " UNION ALL ".join(f"({part.format(subject=subject)})" for part in parts)


def _visits(keys: str) -> str:
    """The stays of those who are known: visitor, after, until, subject."""
    columns = _STAY[:_CONTACT] if keys == "contact_key" else _STAY
    return " UNION ".join(
        "SELECT s.visitor, s.after, s.until, k.subject FROM stays s "
        f"JOIN {keys} k ON k.sort = {sort} AND k.key = s.{column}"
        for sort, column in enumerate(columns)
    )


DERIVED: Mapping[str, str] = {
    "contact_key": _keys(_EMAILS, _NUMBERS, subject="contacts.id"),
    "contact_visit": _visits("contact_key"),
    "company_key": _keys(
        _EMAILS + " AND company IS NOT NULL", _NUMBERS + " WHERE contacts.company IS NOT NULL", _SIRENS, _COMPANIES,
        _DOMAINS, subject="contacts.company",
    ),
    "company_visit": _visits("company_key"),
}  # fmt: skip
"""Tables made from others, by name, in the order in which they need each other."""


def needs(subject: Subject) -> Mapping[str, str]:
    """The derived tables by which the events of such subjects are found."""
    one = _one(subject)
    return {name: sql for name, sql in DERIVED.items() if name.startswith(one)}


def events_of(subject: Subject, columns: Sequence[str], where: str) -> str:
    """The SQL of the subjects' events: ``subject``, ``id``, ``ts``, and columns made of the row ``e`` of ``events``.

    ``where`` is a condition on ``e``. Each event is there once for each subject that it is of.
    """
    one = _one(subject)
    names = SORTS[:_CONTACT] if subject == "contacts" else SORTS
    shown = ", ".join(["k.subject", "e.id", "e.ts", *columns])
    named = " + ".join(f"CAST(e.{name} IS NOT NULL AS INTEGER)" for name in names)
    sort = " ".join(f"WHEN e.{name} IS NOT NULL THEN {sort}" for sort, name in enumerate(names))
    key = ", ".join(f"e.{name}" for name in names)
    nobody = " AND ".join(f"e.{name} IS NULL" for name in SORTS)
    once = (
        f"SELECT {shown} FROM events e JOIN {one}_key k ON k.sort = CASE {sort} END AND k.key = coalesce({key}) "
        f"WHERE {named} = 1 AND ({where})"
    )
    each = " ".join(f"WHEN {sort} THEN e.{name}" for sort, name in enumerate(names))
    sorts = ", ".join(f"({sort})" for sort, _ in enumerate(names))
    several = (
        f"SELECT DISTINCT {shown} FROM events e CROSS JOIN (VALUES {sorts}) s(sort) "
        f"JOIN {one}_key k ON k.sort = s.sort AND k.key = CASE s.sort {each} END WHERE {named} > 1 AND ({where})"
    )
    visits = (
        f"SELECT {shown} FROM events e JOIN {one}_visit k ON k.visitor = e.visitor "
        f"AND (k.after IS NULL OR e.ts > k.after) AND (k.until IS NULL OR e.ts <= k.until) WHERE {nobody} AND ({where})"
    )
    return f"{once} UNION ALL {several} UNION ALL {visits}"


def _one(subject: Subject) -> str:
    return "contact" if subject == "contacts" else "company"
