"""Whose an event is, as SQL: a row an event and subject, each once.

An event that names a contact or a company is theirs; one that names neither is of whom its visitor was at that moment
(the table ``stays``). A company's events are those that name it, of its contacts, and of its visitors.

What events name is looked up in one table of keys a subject: the sort of key, the key as events have it, the subject,
and for visitors from when to when. So the events are read once for those that name one thing or nobody, which is nearly
all of them, and once for those that name several. An engine makes the tables of keys when a query first needs them.
"""

from collections.abc import Mapping, Sequence

from tamis.rules.nodes import Subject

NAMES = ("contact_email", "contact_id", "company_siren", "company_id", "company_domain")
"""The columns of an event that name somebody; the number of each is the sort of its keys."""
_STAY = ("contact_email", "contact_ref", "company_siren", "company_ref", "company_domain")
_VISITOR = len(NAMES)
_BY_CONTACT = 2  # the first so many name a contact
_EVER = "CAST('0001-01-02 00:00:00+00:00' AS TIMESTAMPTZ)"
_SINCE = "CAST('9999-12-30 00:00:00+00:00' AS TIMESTAMPTZ)"

_LEVELS = 6
"""So many labels may stand before a company's domain, and it is its host all the same."""
_HOSTS = (
    "SELECT company_domain AS host FROM events WHERE company_domain IS NOT NULL "
    "UNION SELECT company_domain FROM stays WHERE company_domain IS NOT NULL"
)
_PARENTS = "SELECT host, host AS parent FROM host" + "".join(
    f" UNION ALL SELECT host, regexp_extract(host, '^([^.]+[.]){{{n}}}(.+)$', 2) FROM host"
    for n in range(1, _LEVELS + 1)
)
_KEPT = (
    "WITH RECURSIVE up AS (SELECT id AS origin, merged_into AS place FROM companies WHERE merged_into IS NOT NULL "
    "UNION ALL SELECT up.origin, c.merged_into FROM up JOIN companies c ON c.id = up.place "
    "WHERE c.merged_into IS NOT NULL) SELECT origin, place FROM up"
)
"""Of each company that was merged into another: the company that kept it, the one that kept that one, and so on."""
_OF_CONTACTS = (
    "SELECT email_key AS key, id AS subject FROM contacts WHERE email_key IS NOT NULL",
    "SELECT CAST(id AS VARCHAR) AS key, id AS subject FROM contacts",
)
_OF_COMPANIES = (
    "SELECT email_key AS key, company AS subject FROM contacts WHERE email_key IS NOT NULL AND company IS NOT NULL",
    "SELECT CAST(id AS VARCHAR) AS key, company AS subject FROM contacts WHERE company IS NOT NULL",
    "SELECT siren AS key, id AS subject FROM companies WHERE siren IS NOT NULL AND merged_into IS NULL "
    "UNION SELECT value, company FROM company_identifiers WHERE type = 'siren'",
    "SELECT CAST(id AS VARCHAR) AS key, id AS subject FROM companies WHERE merged_into IS NULL "
    "UNION ALL SELECT CAST(f.origin AS VARCHAR), f.place FROM kept f JOIN companies c ON c.id = f.place "
    "WHERE c.merged_into IS NULL",
    "SELECT DISTINCT p.host AS key, d.company AS subject "
    f"FROM ({_PARENTS}) p JOIN company_domains d ON d.key = p.parent",
)


def _keys(parts: Sequence[str]) -> str:
    """The table of keys: of each sort, and of the visitors who were somebody by a key of that sort."""
    named = [
        f"SELECT {sort} AS sort, k.key, {_EVER} AS after, {_SINCE} AS until, k.subject FROM ({part}) k"
        for sort, part in enumerate(parts)
    ]
    visits = " UNION ".join(
        f"SELECT s.visitor, s.after, s.until, k.subject FROM stays s JOIN ({part}) k ON k.key = s.{_STAY[sort]}"
        for sort, part in enumerate(parts)
    )
    known = f"coalesce(v.after, {_EVER}), coalesce(v.until, {_SINCE})"
    return " UNION ALL ".join([*named, f"SELECT {_VISITOR}, v.visitor, {known}, v.subject FROM ({visits}) v"])


_NEEDS: Mapping[Subject, Mapping[str, str]] = {
    "contacts": {"contact_key": _keys(_OF_CONTACTS)},
    "companies": {"host": _HOSTS, "kept": _KEPT, "company_key": _keys(_OF_COMPANIES)},
}


def needs(subject: Subject) -> Mapping[str, str]:
    """The tables by which the events of such subjects are found, made from others: SQL by name, in order."""
    return _NEEDS[subject]


def events_of(subject: Subject, columns: Sequence[str], where: str) -> str:
    """The SQL of the subjects' events: ``subject``, ``id``, ``ts``, and columns made of the row ``e`` of ``events``.

    ``where`` is a condition on ``e``. Each event is there once for each subject that it is of.
    """
    keys, names = ("contact_key", NAMES[:_BY_CONTACT]) if subject == "contacts" else ("company_key", NAMES)
    shown = ", ".join(["k.subject", "e.id", "e.ts", *columns])
    several = " + ".join(f"CAST(e.{name} IS NOT NULL AS INTEGER)" for name in names) + " > 1"
    sorts = " ".join(f"WHEN e.{name} IS NOT NULL THEN {sort}" for sort, name in enumerate(names))
    others = " AND ".join(f"e.{name} IS NULL" for name in NAMES[len(names) :]) or "true"
    one = (
        f"SELECT {shown} FROM events e JOIN {keys} k ON k.sort = CASE {sorts} WHEN {others} THEN {_VISITOR} END "
        f"AND k.key = coalesce({', '.join(f'e.{name}' for name in names)}, e.visitor) "
        f"AND e.ts > k.after AND e.ts <= k.until WHERE ({where}) AND NOT ({several})"
    )
    each = " UNION ".join(
        f"SELECT {shown} FROM m e JOIN {keys} k ON k.sort = {sort} AND k.key = e.{name}"
        for sort, name in enumerate(names)
    )
    return f"{one} UNION ALL (WITH m AS MATERIALIZED (SELECT * FROM events e WHERE ({where}) AND {several}) {each})"
