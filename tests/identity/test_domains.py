"""Domains: hosts, registrable domains, and what designates nobody."""

import pytest

from tamis.identity.domains import domain_key, parse_host, read_email_domain, read_website
from tamis.identity.identifiers import BadValue

FRENCH_PROVIDERS = (
    "sfr.fr bbox.fr neuf.fr aliceadsl.fr club-internet.fr numericable.fr voila.fr noos.fr mailo.com cegetel.net "
    "9online.fr dbmail.com libertysurf.fr nordnet.fr gmail.com orange.fr wanadoo.fr free.fr laposte.net hotmail.fr "
    "outlook.fr yahoo.fr yopmail.com mailinator.com"
).split()


@pytest.mark.parametrize("provider", FRENCH_PROVIDERS)
def test_free_and_disposable_mail_designates_nobody(provider):
    with pytest.raises(BadValue) as error:
        read_email_domain(provider)
    assert error.value.code == "domain.free"


@pytest.mark.parametrize(
    ("cell", "host"),
    [
        ("acme.fr", "acme.fr"),
        (" ACME.FR. ", "acme.fr"),
        ("mail.acme.co.uk", "mail.acme.co.uk"),
        ("www.acme.fr", "acme.fr"),
        ("société.fr", "xn--socit-esab.fr"),
        ("xn--socit-esab.fr", "xn--socit-esab.fr"),
        ("acme.gouv.fr", "acme.gouv.fr"),
    ],
)
def test_a_mail_domain_is_read(cell, host):
    assert read_email_domain(cell).value == host


@pytest.mark.parametrize(
    ("cell", "code", "mend"),
    [
        ("contact@acme.fr", "domain.address", "acme.fr"),
        ("@acme.fr", "domain.address", "acme.fr"),
        ("Jean <jean@mail.acme.fr>", "cell.several", ""),
        ("jean@gmail.com", "domain.address", "videz"),
        ("https://www.acme.fr/contact", "domain.url", "acme.fr"),
        ("acme", "domain.form", ""),
        ("acme.fr, acme.com", "cell.several", ""),
        ("acme.fr;acme.com", "cell.several", ""),
        ("acme.fr acme.com", "cell.several", ""),
        ("co.uk", "domain.public", ""),
        ("acme.invalide", "domain.suffix", ""),
        ("acme..fr", "domain.form", ""),
        ("=acme.fr", "domain.form", ""),
        ("-acme.fr", "domain.form", ""),
        ("a" * 64 + ".fr", "domain.form", ""),
        ("192.168.1.1", "domain.suffix", ""),
        ("a\x00b.fr", "domain.form", ""),
    ],
)
def test_what_is_no_mail_domain_is_refused_with_the_likely_mend(cell, code, mend):
    with pytest.raises(BadValue) as error:
        read_email_domain(cell)
    assert error.value.code == code
    assert mend in str(error.value)


@pytest.mark.parametrize(
    ("cell", "host", "repaired"),
    [
        ("acme.fr", "acme.fr", False),
        ("https://acme.fr/", "acme.fr", False),
        ("http://www.acme.fr", "acme.fr", True),
        ("HTTPS://WWW.ACME.FR/fr/accueil?x=1#y", "acme.fr", True),
        ("boutique.acme.fr", "boutique.acme.fr", False),
        ("www.fr", "www.fr", False),
        ("acme.fr:8080", "acme.fr", False),
        ("dupont.free.fr", "dupont.free.fr", False),
        ("facebook.com", "facebook.com", False),
    ],
)
def test_a_website_is_read_with_or_without_scheme_or_www(cell, host, repaired):
    reading = read_website(cell)
    assert (reading.value, bool(reading.repairs)) == (host, repaired)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("https://www.facebook.com/acme", "website.platform"),
        ("https://fr.linkedin.com/company/acme", "website.platform"),
        ("contact@acme.fr", "website.address"),
        ("https://u:p@acme.fr", "website.address"),
        ("ftp://acme.fr", "website.scheme"),
        ("javascript:alert(1)", "domain.form"),
        ("http://[bad", "domain.form"),
        ("http://", "domain.form"),
        ("acme.fr / bolt.fr", "cell.several"),
        ("http://127.0.0.1/", "domain.suffix"),
    ],
)
def test_what_is_no_home_page_is_refused(cell, code):
    with pytest.raises(BadValue) as error:
        read_website(cell)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("mail.acme.fr", "www.acme.fr", True),
        ("acme.co.uk", "bolt.co.uk", False),
        ("dupont.free.fr", "martin.free.fr", False),
        ("dupont.wordpress.com", "martin.wordpress.com", False),
        ("acme.fr", "acme.com", False),
    ],
)
def test_two_hosts_are_one_companys_when_somebody_owns_the_domain_above(one, other, same):
    assert (domain_key(parse_host(one)) == domain_key(parse_host(other))) == same


def test_the_real_websites_of_french_organisations_are_read(shared_data):
    import csv

    with (shared_data / "organisations_fr.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sites = [row["website_domain"] for row in rows if row["website_domain"]]
    mails = [row["email_domain"] for row in rows if row["email_domain"]]
    assert (len(sites), len(mails)) == (469, 244)
    assert all(read_website(site).value for site in sites)
    refused = [mail for mail in mails if _code(mail) == "domain.free"]
    assert len(refused) == 10  # as counted in the data's own description
    assert all(_code(mail) in ("", "domain.free") for mail in mails)


def _code(mail):
    try:
        read_email_domain(mail)
    except BadValue as bad:
        return bad.code
    return ""
