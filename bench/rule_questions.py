"""Twenty-two questions of all kinds: each as a rule, and as the SQL that a good analyst who knows the files writes.

The SQL means exactly what the rule means (docs/reference/rules.md): texts are compared folded, what is missing is
neither equal nor different, an event belongs to whom it names, else to whom its visitor was then, and no event counts
twice.
"""
# ruff: noqa: E501 - SQL is read in whole lines

from dataclasses import dataclass
from datetime import timedelta

from bench.crowd import NOW


@dataclass(frozen=True)
class Question:
    """A question: its name, its rule, and SQL that selects the same ids."""

    name: str
    rule: str
    sql: str


def at(days: int) -> str:
    """The instant so many days ago, as SQL."""
    return f"TIMESTAMPTZ '{(NOW - timedelta(days=days)).isoformat()}'"


_NOW = at(0)
_MONTHS = {6: "TIMESTAMPTZ '2026-03-30T21:30:00+00:00'", 12: "TIMESTAMPTZ '2025-09-30T21:30:00+00:00'"}
_UNNAMED = (
    "visitor IS NOT NULL AND contact_email IS NULL AND contact_id IS NULL "
    "AND company_siren IS NULL AND company_id IS NULL AND company_domain IS NULL"
)
_THEN = "s.visitor = e.visitor AND (s.after IS NULL OR e.ts > s.after) AND (s.until IS NULL OR e.ts <= s.until)"
_HEADCOUNT = (
    "coalesce(headcount, CASE headcount_bracket WHEN '01' THEN 1 WHEN '02' THEN 3 WHEN '11' THEN 10 WHEN '12' THEN 20 "
    "WHEN '21' THEN 50 WHEN '22' THEN 100 WHEN '31' THEN 200 END)"
)
_NAMED = "visitor, contact_email, contact_id, company_siren, company_id, company_domain"


def contacts_events(name: str, where: str, columns: str = "") -> str:
    """CTEs: ``name`` has a row an event that a contact owns, with ``contact``, ``ts`` and the columns asked for."""
    kept = f", {columns}" if columns else ""
    return f"""
e_{name} AS MATERIALIZED (SELECT ts, {_NAMED}{kept} FROM events WHERE {where} AND ts <= {_NOW}),
{name} AS (
  SELECT c.id AS contact, ts{kept} FROM e_{name} e JOIN contacts c ON c.email_key = e.contact_email
  UNION ALL
  SELECT CAST(contact_id AS BIGINT), ts{kept} FROM e_{name} WHERE contact_id IS NOT NULL
  UNION ALL
  SELECT contact, ts{kept} FROM (SELECT * FROM e_{name} WHERE {_UNNAMED}) e JOIN (
    SELECT s.visitor, s.after, s.until, coalesce(c.id, CAST(s.contact_ref AS BIGINT)) AS contact
    FROM stays s LEFT JOIN contacts c ON c.email_key = s.contact_email WHERE c.id IS NOT NULL OR s.contact_ref IS NOT NULL
  ) s ON {_THEN}
)"""


def companies_events(name: str, where: str, columns: str = "") -> str:
    """CTEs: ``name`` has a row for each company that owns an event, once: ``company``, ``ts``, the columns asked for."""
    kept = f", {columns}" if columns else ""
    return f"""
e_{name} AS MATERIALIZED (SELECT ts, {_NAMED}{kept} FROM events WHERE {where} AND ts <= {_NOW}),
d_{name} AS MATERIALIZED (
  SELECT DISTINCT h.host, d.company FROM (
    SELECT company_domain AS host FROM e_{name} WHERE company_domain IS NOT NULL
    UNION SELECT company_domain FROM stays WHERE company_domain IS NOT NULL
  ) h, unnest([array_to_string(string_split(h.host, '.')[n:], '.') FOR n IN range(1, len(string_split(h.host, '.')))]) u(part)
  JOIN company_domains d ON d.key = u.part
),
{name} AS (
  SELECT c.id AS company, ts{kept} FROM e_{name} e JOIN companies c ON c.siren = e.company_siren
  UNION ALL
  SELECT coalesce(c.merged_into, c.id), ts{kept} FROM e_{name} e JOIN companies c ON c.id = CAST(e.company_id AS BIGINT)
  UNION ALL
  SELECT d.company, ts{kept} FROM e_{name} e JOIN d_{name} d ON d.host = e.company_domain
  UNION ALL
  SELECT k.company, ts{kept} FROM e_{name} e JOIN contacts k ON k.email_key = e.contact_email
  LEFT JOIN companies c ON c.siren = e.company_siren LEFT JOIN d_{name} d ON d.host = e.company_domain AND d.company = k.company
  WHERE k.company IS NOT NULL AND k.company IS DISTINCT FROM c.id AND d.company IS NULL
  UNION ALL
  SELECT k.company, ts{kept} FROM e_{name} e JOIN contacts k ON k.id = CAST(e.contact_id AS BIGINT) WHERE k.company IS NOT NULL
  UNION ALL
  SELECT s.company, ts{kept} FROM (SELECT * FROM e_{name} WHERE {_UNNAMED}) e JOIN (
    SELECT visitor, after, until, k.company FROM stays s JOIN contacts k ON k.email_key = s.contact_email
    UNION ALL
    SELECT visitor, after, until, k.company FROM stays s JOIN contacts k ON k.id = CAST(s.contact_ref AS BIGINT)
    UNION ALL
    SELECT visitor, after, until, c.id FROM stays s JOIN companies c ON c.siren = s.company_siren
    UNION ALL
    SELECT visitor, after, until, d.company FROM stays s JOIN d_{name} d ON d.host = s.company_domain
  ) s ON s.company IS NOT NULL AND {_THEN}
)"""


def _companies(where: str, ctes: str = "") -> str:
    return f"{f'WITH {ctes}' if ctes else ''} SELECT id FROM companies WHERE merged_into IS NULL AND ({where})"


def _contacts(where: str, ctes: str = "") -> str:
    return f"{f'WITH {ctes}' if ctes else ''} SELECT id FROM contacts WHERE {where}"


def _last(days: int) -> str:
    return f"ts > {at(days)}"


def _in(relation: str, of: str, having: str) -> str:
    return f"id IN (SELECT {of} FROM {relation} GROUP BY 1 HAVING {having})"


def _own(field: str, condition: str) -> str:
    return f"id IN (SELECT company FROM company_fields WHERE field = '{field}' AND {condition})"


_TAGGED = "(SELECT contact FROM contact_tags t JOIN tags g ON g.id = t.tag JOIN tag_categories k ON k.id = g.category WHERE g.name_folded = 'industrie' AND k.name_folded = 'secteur')"  # fmt: skip
_DEMO = "kind = 'form' AND form_folded = 'demo'"
_SEQUENCE = (
    "(SELECT p.contact FROM (SELECT contact, ts FROM v WHERE kind = 'purchase') p "
    "ASOF JOIN (SELECT contact, ts FROM v WHERE kind = 'form') f ON f.contact = p.contact AND p.ts > f.ts "
    "WHERE p.ts - f.ts <= INTERVAL 336 HOURS)"
)

QUESTIONS: tuple[Question, ...] = (
    Question(
        "fields of companies",
        'companies where naf starts with "62" and headcount between 50 and 249 and department in ("69", "01")',
        _companies(f"naf LIKE '62%' AND {_HEADCOUNT} BETWEEN 50 AND 249 AND department IN ('69', '01')"),
    ),
    Question(
        "texts of contacts",
        'contacts where job_title contains "CLIENTÈLE" and not city = "Évreux 12" and level in ("cadre", "employé")',
        _contacts("job_title_folded LIKE '%clientele%' AND city_folded IS DISTINCT FROM 'evreux 12' "
                  "AND level_folded IN ('cadre', 'employe')"),
    ),
    Question(
        "own fields",
        'companies where own.parc between 50 and 200 and own.contrat = "or" and own.clim = yes '
        "and own.renouvellement more than 30 days ago",
        _companies(" AND ".join([
            _own("parc", "number BETWEEN 50 AND 200"), _own("contrat", "text = 'or'"), _own("clim", "text = 'oui'"),
            _own("renouvellement", "text_day < DATE '2026-08-31'"),
        ])),
    ),
    Question(
        "names and domains",
        'companies where name contains any of ("Climatisation", "chauffage") and brand is missing '
        'and email_domain ends with "7.fr"',
        _companies(
            "id IN (SELECT company FROM company_names WHERE text_folded LIKE '%climatisation%' OR text_folded LIKE '%chauffage%') "
            "AND id NOT IN (SELECT company FROM company_names WHERE kind = 'brand') "
            "AND id IN (SELECT company FROM company_domains WHERE use = 'email' AND host LIKE '%7.fr')"
        ),
    ),
    Question(
        "tag and status",
        'contacts where has tag "Industrie" in "Secteur" and status = "chaud"',
        _contacts(f"id IN {_TAGGED} AND status = (SELECT id FROM statuses WHERE name_folded = 'chaud')"),
    ),
    Question(
        "segment and list",
        'companies where (in segment client or in list "prospect-salons") and revenue > 1000000',
        _companies("list IN (SELECT id FROM lists WHERE segment = 'client' OR name = 'prospect-salons') AND revenue > 1000000"),
    ),
    Question(
        "has contacts",
        'companies where has at least 3 contacts (level in ("direction", "dirigeant") and function = "commercial") '
        "and has no contact (email is missing)",
        _companies(
            "id IN (SELECT company FROM contacts WHERE level_folded IN ('direction', 'dirigeant') "
            "AND function_folded = 'commercial' GROUP BY 1 HAVING count(*) >= 3) "
            "AND id NOT IN (SELECT company FROM contacts WHERE email IS NULL AND company IS NOT NULL)"
        ),
    ),
    Question(
        "of the company",
        'contacts where company (headcount < 10 and in list "prospect-salons" and not has tag "Eau") and country = "FR"',
        _contacts(
            "country = 'FR' AND company IN (SELECT id FROM companies WHERE merged_into IS NULL AND "
            f"{_HEADCOUNT} < 10 AND list = (SELECT id FROM lists WHERE name = 'prospect-salons') AND id NOT IN "
            "(SELECT company FROM company_tags t JOIN tags g ON g.id = t.tag WHERE g.name_folded = 'eau'))"
        ),
    ),
    Question(
        "did, contacts",
        'contacts where did page_view (path = "/tarifs") at least 2 times in last 30 days',
        _contacts(
            _in("v", "contact", "count(*) >= 2"),
            contacts_events("v", f"kind = 'page_view' AND path_folded = '/tarifs' AND {_last(30)}"),
        ),
    ),
    Question(
        "did, companies",
        'companies where did page_view (path starts with "/produits") at least 20 times in last 90 days '
        "and did not deal_lost in last 90 days",
        _companies(
            _in("v", "company", "count(*) FILTER (kind = 'page_view') >= 20 AND count(*) FILTER (kind = 'deal_lost') = 0"),
            companies_events("v", "kind IN ('page_view', 'deal_lost') AND (kind = 'deal_lost' OR path_folded LIKE '/produits%') "
                             f"AND {_last(90)}", "kind"),
        ),
    ),
    Question(
        "did and did not",
        "contacts where did email_open at least 5 times in last 365 days and did not email_click in last 90 days",
        _contacts(
            _in("v", "contact", "count(*) FILTER (kind = 'email_open') >= 5 AND count(*) FILTER (kind = 'email_click') = 0"),
            contacts_events("v", f"kind IN ('email_open', 'email_click') AND {_last(365)} "
                            f"AND (kind = 'email_open' OR {_last(90)})", "kind"),
        ),
    ),
    Question(
        "exactly, at most",
        'companies where did purchase (channel = "web" and value >= 500) exactly 2 times in last 6 months '
        'and did call (agent = "zoe") at most 1 times',
        _companies(
            _in("v", "company", "count(*) FILTER (kind = 'purchase') = 2 AND count(*) FILTER (kind = 'call') <= 1"),
            companies_events(
                "v", "kind IN ('purchase', 'call') AND (kind = 'call' AND more_folded['agent'] = 'zoe' "
                f"OR kind = 'purchase' AND channel_folded = 'web' AND value >= 500 AND ts > {_MONTHS[6]})", "kind",
            ),
        ),
    ),
    Question(
        "sum",
        "contacts where sum(purchase.value) in last 365 days > 10000",
        _contacts(
            _in("p", "contact", "sum(value) > 10000"),
            contacts_events("p", f"kind = 'purchase' AND {_last(365)}", "value"),
        ),
    ),
    Question(
        "avg, min, max",
        "companies where avg(purchase.value) >= 900 and min(purchase.margin) > 100 and max(purchase.value) < 20000",
        _companies(
            _in("p", "company", "sum(value) >= 900 * count(value) AND count(value) > 0 AND min(margin) > 100 AND max(value) < 20000"),
            companies_events("p", "kind = 'purchase'", "value, margin"),
        ),
    ),
    Question(
        "count distinct",
        "contacts where count distinct(page_view.path) in last 90 days >= 10",
        _contacts(
            _in("v", "contact", "count(DISTINCT path_folded) >= 10"),
            contacts_events("v", f"kind = 'page_view' AND {_last(90)}", "path_folded"),
        ),
    ),
    Question(
        "most frequent",
        'companies where most frequent(purchase.product) in last 12 months = "PRODUIT 0"',
        _companies(
            "id IN (SELECT company FROM (SELECT company, product_folded, count(*) AS n, max(ts) AS last FROM p "
            "WHERE product_folded IS NOT NULL GROUP BY 1, 2) GROUP BY 1 "
            "HAVING arg_max(product_folded, (n, last)) = 'produit 0')",
            companies_events("p", f"kind = 'purchase' AND ts > {_MONTHS[12]}", "product_folded"),
        ),
    ),
    Question(
        "days since, days between",
        "contacts where days since last email_open > 180 and average days between email_open < 30",
        _contacts(
            _in("o", "contact", f"max(ts) <= {at(181)} AND count(*) > 1 AND epoch_us(max(ts)) - epoch_us(min(ts)) "
                "< 30 * 86400000000 * (count(*) - 1)"),
            contacts_events("o", "kind = 'email_open'"),
        ),
    ),
    Question(
        "two counts compared",
        "contacts where count(page_view) in last 30 days < 0.5 * count(page_view) in last 90 days",
        _contacts(
            _in("v", "contact", f"2 * count(*) FILTER (ts > {at(30)}) < count(*)"),
            contacts_events("v", f"kind = 'page_view' AND {_last(90)}"),
        ),
    ),
    Question(
        "ranks",
        "companies where revenue in top 5% or sum(purchase.value) in last 12 months in top 10%",
        _companies(
            "revenue >= (SELECT min(revenue) FROM (SELECT revenue FROM (SELECT revenue, row_number() OVER (ORDER BY revenue DESC) AS r, "
            "count(*) OVER () AS n FROM companies WHERE merged_into IS NULL AND revenue IS NOT NULL) WHERE r <= (5 * n + 99) // 100)) "
            "OR id IN (SELECT company FROM t WHERE total >= (SELECT min(total) FROM (SELECT total, row_number() OVER "
            "(ORDER BY total DESC) AS r, count(*) OVER () AS n FROM t) WHERE r <= (10 * n + 99) // 100))",
            companies_events("p", f"kind = 'purchase' AND ts > {_MONTHS[12]}", "value") + ", t AS MATERIALIZED ("
            "SELECT company, sum(value) AS total FROM p JOIN companies c ON c.id = p.company AND c.merged_into IS NULL GROUP BY 1)",
        ),
    ),
    Question(
        "sequence of two",
        'contacts where did form (form = "demo") then purchase within 14 days',
        _contacts(
            f"id IN {_SEQUENCE}",
            contacts_events("v", f"kind IN ('form', 'purchase') AND (kind = 'purchase' OR {_DEMO})", "kind"),
        ),
    ),
    Question(
        "sequence of three",
        'companies where did page_view (path = "/tarifs") then form then deal_won within 60 days in last 6 months',
        _companies(
            "id IN (SELECT w.company FROM (SELECT company, ts FROM v WHERE kind = 'deal_won') w ASOF JOIN ("
            "SELECT f.company, f.ts, p.ts AS first FROM (SELECT company, ts FROM v WHERE kind = 'form') f "
            "ASOF JOIN (SELECT company, ts FROM v WHERE kind = 'page_view') p ON p.company = f.company AND f.ts > p.ts"
            ") c ON c.company = w.company AND w.ts > c.ts WHERE w.ts - c.first <= INTERVAL 1440 HOURS)",
            companies_events("v", "kind IN ('page_view', 'form', 'deal_won') AND (kind <> 'page_view' OR path_folded = '/tarifs') "
                             f"AND ts > {_MONTHS[6]}", "kind"),
        ),
    ),
    Question(
        "deep",
        'contacts where company (headcount < 50 and not in list "prospect-salons") '
        'and (has tag "Industrie" in "Secteur" or level = "direction") '
        'and (did email_open in last 90 days or did form (form = "demo") then purchase within 14 days) '
        'and not (status = "froid" or sum(purchase.value) in last 365 days > 10000)',
        _contacts(
            f"company IN (SELECT id FROM companies WHERE merged_into IS NULL AND {_HEADCOUNT} < 50 AND list IS DISTINCT FROM "
            "(SELECT id FROM lists WHERE name = 'prospect-salons')) "
            f"AND (level_folded = 'direction' OR id IN {_TAGGED}) "
            f"AND (id IN (SELECT contact FROM v WHERE kind = 'email_open') OR id IN {_SEQUENCE}) "
            "AND status IS DISTINCT FROM (SELECT id FROM statuses WHERE name_folded = 'froid') "
            f"AND id NOT IN (SELECT contact FROM v WHERE kind = 'purchase' AND {_last(365)} GROUP BY 1 HAVING sum(value) > 10000)",
            contacts_events("v", "kind IN ('email_open', 'form', 'purchase') AND (kind = 'purchase' "
                            f"OR kind = 'email_open' AND {_last(90)} OR {_DEMO})", "kind, value"),
        ),
    ),
)  # fmt: skip
