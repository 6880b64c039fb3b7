"""644 real French organisations as known companies: each found again by each of its keys, or asked about.

Counts come from the data's own description: 469 websites, 244 mail domains of which 10 are free providers', and 22
organisations that share 9 hosts as written; a tenth host, groupama.com, is shared but for a space before it.
"""

import csv
from collections import Counter

import pytest

from tamis.app.models import Company, ListLine
from tamis.app.services import company_imports

MAPPING = {
    "siren": "siren", "name": "name", "usual_name": "usual_name", "website_domain": "website",
    "email_domain": "email_domain", "city": "city", "postal_code": "postal_code", "category": "",
}  # fmt: skip


@pytest.fixture
def organisations(alice, workspace, shared_data):
    path = shared_data / "organisations_fr.csv"
    report = company_imports.import_file(alice, path, mapping=MAPPING)
    assert (report.created, report.refused, report.dropped_cells) == (644, 0, 10)  # ten free mail providers
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def outcomes(import_lines, make_list, lines):
    """What became of each line: the SIREN of the company found, or the line's status."""
    import_lines(make_list("autre", "essai"), *lines)
    sirens = dict(Company.objects.values_list("pk", "siren"))
    rows = ListLine.objects.order_by("number").values_list("number", "status", "company_id")
    return {number - 2: sirens[company] if company else status for number, status, company in rows}


def test_each_is_found_again_by_its_siren(organisations, import_lines, make_list):
    found = outcomes(
        import_lines, make_list, [f"Autre nom {n};{row['siren']};;" for n, row in enumerate(organisations)]
    )
    assert found == {n: row["siren"] for n, row in enumerate(organisations)}


def test_each_is_found_again_by_its_website_unless_others_share_it(organisations, import_lines, make_list):
    with_site = [row for row in organisations if row["website_domain"]]
    sharing = Counter(row["website_domain"].strip() for row in with_site)
    shared = {host for host, n in sharing.items() if n > 1}
    assert (len(with_site), len(shared), sum(sharing[host] for host in shared)) == (469, 10, 24)
    found = outcomes(
        import_lines, make_list, [f"Autre nom {n};;;{row['website_domain']}" for n, row in enumerate(with_site)]
    )
    for n, row in enumerate(with_site):
        expected = "review" if row["website_domain"].strip() in shared else row["siren"]
        assert found[n] == expected, row


def test_the_mail_domain_that_differs_from_the_site_resolves_too(organisations, import_lines, make_list):
    own = [row for row in organisations if row["email_domain"] and row["website_domain"]]
    own = [row for row in own if row["email_domain"].strip() != row["website_domain"].strip()]
    found = outcomes(import_lines, make_list, [f"Autre nom {n};;{row['email_domain']};" for n, row in enumerate(own)])
    told = Counter("right" if found.get(n) == row["siren"] else found.get(n, "refused") for n, row in enumerate(own))
    assert told == {"right": 41, "review": 2, "refused": 5}  # two of Merck's share merckgroup.com; five are free mail
