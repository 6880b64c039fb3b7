"""What Google answers, over real HTTPS: the content as it came, or a sentence that says what to do."""

import gzip
import json
import ssl
from dataclasses import replace

import pytest
from fake_google import (
    CONTENT,
    DOCS,
    EMAIL,
    HOSTILE,
    SALONS,
    SIGN_IN,
    TOKENS,
    Document,
    dripping,
    endless,
    gzipped,
    plain,
    reach,
    short,
    silent,
    status,
    to,
    truncated,
)

from tamis.errors import Refused
from tamis.sources.google_addresses import read_address
from tamis.sources.google_sheets import Declined, Google, fetch
from tamis.sources.outgoing import is_public

LINES = b"Nom,SIREN,Domaine email,Website\r\nAcme,732829320,,"


def code_of(google, link, **options):
    """The code of the refusal that fetching a sheet meets, and its sentence."""
    with pytest.raises(Refused) as refused:
        fetch(google.reached(**options), read_address(link))
    return refused.value.code, str(refused.value)


def test_a_shared_sheet_comes_as_it_is_under_its_title(google):
    link = google.holds("Acme,732829320,,", "Café été,,cafe.fr,", title="Salon d'été - Exposants")
    sheet = fetch(google.reached(), read_address(link))
    assert sheet.content == "Nom,SIREN,Domaine email,Website\r\nAcme,732829320,,\r\nCafé été,,cafe.fr,".encode()
    assert sheet.name == "Salon d'été - Exposants.csv"
    assert google.hosts == [DOCS, CONTENT]


def test_the_tab_asked_for_is_the_one_that_comes(google):
    google.documents[SALONS] = Document({"0": b"a", "7": b"b"})
    link = f"https://{DOCS}/spreadsheets/d/{SALONS}/edit#gid=7"
    assert fetch(google.reached(), read_address(link)).content == b"b"


def test_a_published_sheet_comes_too(google):
    google.published["2PACX-published-0123456789"] = Document({"0": LINES})
    link = f"https://{DOCS}/spreadsheets/d/e/2PACX-published-0123456789/pubhtml"
    assert fetch(google.reached(), read_address(link)).content == LINES


@pytest.mark.parametrize("refuses_like", ["redirect", "page", "401"])
def test_a_sheet_that_is_not_shared_says_how_to_share_it(google, refuses_like):
    google.refuses_like = refuses_like
    code, said = code_of(google, google.holds("Acme,732829320,,", shared=False))
    assert code == "sheet.not-shared"
    assert "Partager > Accès général" in said
    assert SIGN_IN not in google.hosts


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (400, "sheet.tab", "ne trouve pas cet onglet"),
        (401, "sheet.not-shared", "n'est pas partagée"),
        (403, "sheet.not-shared", "n'est pas partagée"),
        (404, "sheet.missing", "ne connaît pas cette feuille"),
        (410, "sheet.gone", "n'est plus là"),
        (418, "sheet.unexpected", "418"),
        (204, "sheet.unexpected", "204"),
    ],
)
def test_every_refusal_has_its_sentence_and_is_not_asked_again(google, number, code, said):
    link = google.holds("Acme,732829320,,")
    google.fails(status(number))
    found, sentence = code_of(google, link)
    assert found == code
    assert said in sentence
    assert google.hosts == [DOCS]


def test_a_passing_incident_is_asked_again(google):
    link = google.holds("Acme,732829320,,")
    google.fails(status(500), status(503))
    assert fetch(google.reached(), read_address(link)).content == LINES
    assert google.hosts == [DOCS, DOCS, DOCS, CONTENT]


def test_a_lasting_incident_is_given_up_after_three_tries(google):
    link = google.holds("Acme,732829320,,")
    google.fails(*[status(502)] * 9)
    code, said = code_of(google, link)
    assert code == "sheet.google"
    assert "502" in said
    assert google.hosts == [DOCS] * 3


def test_too_many_requests_waits_as_long_as_google_says(google):
    waits = []
    link = google.holds("Acme,732829320,,")
    google.fails(status(429, Retry_After="7"))
    assert fetch(google.reached(sleep=waits.append), read_address(link)).content == LINES
    assert waits == [7]


@pytest.mark.parametrize(("header", "again_in"), [({"Retry_After": "3600"}, 3600), ({"Retry_After": "demain"}, None)])
def test_a_longer_wait_is_left_to_the_schedule(google, header, again_in):
    waits = []
    link = google.holds("Acme,732829320,,")
    google.fails(*[status(429, **header)] * 3)
    with pytest.raises(Declined) as refused:
        fetch(google.reached(sleep=waits.append), read_address(link))
    assert refused.value.code == "sheet.too-many"
    assert refused.value.again_in == again_in
    assert all(wait < 10 for wait in waits)


@pytest.mark.parametrize("broken", [truncated, short])
def test_a_body_that_breaks_off_is_not_taken(google, broken):
    link = google.holds("Acme,732829320,,")
    google.fails(to(f"https://{CONTENT}/x"), broken)
    assert code_of(google, link)[0] == "outgoing.broken"


def test_a_body_that_drips_for_ever_is_cut(google):
    link = google.holds("Acme,732829320,,")
    google.fails(dripping)
    code, said = code_of(google, link, seconds=1)
    assert code == "outgoing.timeout"
    assert DOCS in said


def test_nobody_waits_for_silence(google):
    link = google.holds("Acme,732829320,,")
    google.fails(silent)
    assert code_of(google, link, silence=0.3)[0] == "outgoing.timeout"


def test_an_endless_body_is_left_at_the_limit(google):
    link = google.holds("Acme,732829320,,")
    google.fails(endless)
    code, said = code_of(google, link, most=2_000_000)
    assert code == "outgoing.big"
    assert "2 Mo" in said


def test_a_packed_body_is_unpacked(google):
    link = google.holds("Autre,,,")
    google.fails(gzipped(LINES))
    assert fetch(google.reached(), read_address(link)).content == LINES


def test_a_packed_body_counts_at_its_full_size(google):
    bomb = b"\0" * 30_000_000
    assert len(gzip.compress(bomb)) < 100_000
    link = google.holds("Acme,732829320,,")
    google.fails(gzipped(bomb))
    assert code_of(google, link)[0] == "outgoing.big"


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/csv"])
def test_a_page_instead_of_csv_is_told(google, kind):
    link = google.holds("Acme,732829320,,")
    google.fails(plain(b"\xef\xbb\xbf <!DOCTYPE html><html>Bonjour", kind))
    assert code_of(google, link)[0] == "sheet.page"


@pytest.mark.parametrize("content", [b"", b"\r\n \r\n", b"\xef\xbb\xbf"])
def test_an_empty_sheet_is_told(google, content):
    assert code_of(google, google.says(content))[0] == "sheet.empty"


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("https://127.0.0.1/x", "sheet.redirect"),
        ("https://localhost/x", "sheet.redirect"),
        ("https://elsewhere.example/x", "sheet.redirect"),
        ("https://docs.google.com.elsewhere.example/x", "sheet.redirect"),
        ("https://evilgoogleusercontent.com/x", "sheet.redirect"),
        ("//elsewhere.example/x", "sheet.redirect"),
        ("file:///etc/passwd", "sheet.redirect"),
        ("http://docs.google.com/x", "outgoing.scheme"),
        ("https://tamis@docs.google.com/x", "outgoing.scheme"),
        ("https://inside.googleusercontent.com/x", "outgoing.private"),
        ("https://metadata.googleusercontent.com/x", "outgoing.private"),
        ("https://mapped.googleusercontent.com/x", "outgoing.private"),
    ],
)
def test_a_hostile_redirect_is_not_followed(google, location, code):
    link = google.holds("Acme,732829320,,")
    google.fails(to(location))
    assert code_of(google, link)[0] == code
    assert google.hosts == [DOCS]


def test_going_round_in_circles_ends(google):
    link = google.holds("Acme,732829320,,")
    google.fails(*[to("/spreadsheets/encore")] * 20)
    assert code_of(google, link)[0] == "sheet.redirects"
    assert len(google.asked) == 4


def test_a_name_is_resolved_once_and_connected_to_what_was_checked(google):
    """A name that is public when asked first and private when asked again gains nothing."""
    asked = []

    def resolve(host, port):
        asked.append(host)
        return [("127.0.0.1" if asked.count(host) == 1 else "10.0.0.7", google.port)]

    link = google.holds("Acme,732829320,,")
    assert fetch(google.reached(resolve=resolve), read_address(link)).content == LINES
    assert asked == [DOCS, CONTENT]


def test_a_name_with_one_private_address_among_others_is_refused(google):
    link = google.holds("Acme,732829320,,")
    mixed = [("127.0.0.1", google.port), ("10.0.0.7", google.port)]
    assert code_of(google, link, resolve=lambda host, port: mixed)[0] == "outgoing.private"
    assert google.asked == []


def test_by_default_no_loopback_is_reached(google):
    link = google.holds("Acme,732829320,,")
    reached = google.reached()
    strict = replace(reached, network=replace(reached.network, allowed=Google().network.allowed))
    with pytest.raises(Refused) as refused:
        fetch(strict, read_address(link))
    assert refused.value.code == "outgoing.private"
    assert google.asked == []


def test_a_certificate_of_nobody_is_not_trusted(google):
    link = google.holds("Acme,732829320,,")
    reached = google.reached()
    distrusting = replace(reached, network=replace(reached.network, trust=ssl.create_default_context))
    with pytest.raises(Refused) as refused:
        fetch(distrusting, read_address(link))
    assert refused.value.code == "outgoing.certificate"
    assert google.asked == []


def test_a_name_that_does_not_resolve_and_a_port_that_is_closed(google):
    import socket

    link = google.holds("Acme,732829320,,")

    def nowhere(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    assert code_of(google, link, resolve=nowhere)[0] == "outgoing.name"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    with pytest.raises(Refused) as refused:
        fetch(reach(closed, str(google.ca_file)), read_address(link))
    assert refused.value.code == "outgoing.unreachable"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "2002:7f00:1::", "64:ff9b::a00:1", "nonsense",
    ],
)  # fmt: skip
def test_these_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["142.250.75.238", "2a00:1450:4007:80e::200e", "64:ff9b::8efa:4bee"])
def test_these_addresses_are_public(address):
    assert is_public(address)


def test_a_private_sheet_is_read_as_the_service_account(google):
    link = google.holds("Acme,732829320,,", shared=False, with_account=True)
    assert fetch(google.reached(key=str(google.key_file())), read_address(link)).content == LINES
    assert google.hosts == [DOCS, TOKENS, DOCS, CONTENT]
    bearing = [(host, "Authorization" in headers) for host, _, headers in google.asked]
    assert bearing == [(DOCS, False), (TOKENS, False), (DOCS, True), (CONTENT, False)]


def test_the_key_may_be_given_as_its_content(google):
    link = google.holds("Acme,732829320,,", shared=False, with_account=True)
    assert fetch(google.reached(key=google.key_file().read_text()), read_address(link)).content == LINES


def test_a_shared_sheet_needs_no_account(google):
    link = google.holds("Acme,732829320,,")
    assert fetch(google.reached(key="/nowhere.json"), read_address(link)).content == LINES
    assert TOKENS not in google.hosts


def test_a_sheet_that_is_not_shared_with_the_account_names_the_account(google):
    code, said = code_of(google, google.holds("Acme,732829320,,", shared=False), key=str(google.key_file()))
    assert code == "sheet.not-shared"
    assert EMAIL in said


def test_a_revoked_key_is_told(google):
    key = google.key_file()
    google.key_id = "une-autre"
    code, said = code_of(google, google.holds("Acme,732829320,,", shared=False), key=str(key))
    assert code == "sheet.account"
    assert EMAIL in said


def test_a_key_of_somebody_else_signs_nothing_that_google_takes(google):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    other = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key = google.key_file(private_key=other.decode())
    assert code_of(google, google.holds("Acme,,,", shared=False), key=str(key))[0] == "sheet.account"


@pytest.mark.parametrize("key", ["/nowhere.json", "{}", '{"client_email": "x", "private_key": "y"}', "{broken"])
def test_a_key_that_is_no_key_is_told(google, key):
    code, said = code_of(google, google.holds("Acme,,,", shared=False), key=key)
    assert code == "sheet.account"
    assert "TAMIS_GOOGLE_KEY" in said


def test_a_key_file_cannot_send_the_claim_elsewhere(google):
    key = google.key_file(token_uri="https://elsewhere.example/token")
    link = google.holds("Acme,732829320,,", shared=False, with_account=True)
    assert fetch(google.reached(key=str(key)), read_address(link)).content == LINES
    assert not set(google.hosts) & set(HOSTILE)


def test_nothing_shown_holds_the_key(google):
    key = google.key_file().read_text()
    reached = google.reached(key=key)
    assert json.loads(key)["private_key"] not in repr(reached) + repr(reached.account)
    assert "PRIVATE KEY" not in repr(reached) + repr(reached.account)
