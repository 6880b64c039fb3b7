"""A list that follows a sheet: it takes what changed, keeps what it holds when the sheet breaks, and says so."""

from datetime import timedelta

import pytest
from cast import list_of
from fake_google import SALONS, status, truncated

from tamis.app.models import Act, Claim, FollowedSheet, ListVersion
from tamis.app.services import lists, sheets
from tamis.app.services.leases import lease
from tamis.errors import Busy, NotFound, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_home")]

HEADINGS = "Nom,SIREN,Domaine email,Website"
MANY = [f"Société {n},,societe-{n}.fr," for n in range(20)]


@pytest.fixture
def salons(make_list):
    """The list prospect-salons."""
    return make_list("prospect", "salons")


@pytest.fixture
def follow(google, alice, salons):
    """Puts lines into the sheet, lets prospect-salons follow it, and reads it: ``follow("Acme,732829320,,")``."""

    def followed(*lines, **options):
        sheets.follow(alice, salons, google.holds(*lines), **options)
        return sheets.fetch_now(alice, salons)

    return followed


def the_sheet():
    return FollowedSheet.objects.get()


def names(target):
    from tamis.app.services.list_versions import content

    return sorted(content(target).values_list("name", flat=True))


def state():
    """What changes when anything changes: acts, versions, claims, and lines of versions that were never applied."""
    return (Act.objects.count(), ListVersion.objects.count(), [*Claim.objects.values_list("pk", "withdrawn_by")])


def test_the_first_reading_fills_the_list_as_a_file_would(follow, salons, company):
    acme = company("Acme", siren="732829320")
    fetched = follow("Acme,732829320,,", "Nouvelle,,nouvelle.fr,", "Sans clé,,,")
    assert (fetched.outcome, fetched.report.accepted, fetched.report.refused) == ("applied", 2, 1)
    assert list_of(acme) == "prospect-salons"
    assert names(salons) == ["Acme", "Nouvelle"]
    version = salons.versions.get()
    assert (version.number, version.file_name) == (1, "Salons - Exposants.csv")
    assert version.refused_lines.count() == 1
    sheet = the_sheet()
    assert (sheet.state, sheet.version, sheet.failures) == ("fresh", version, 0)
    assert sheet.changed_at == sheet.agreed_at


def test_an_unchanged_sheet_does_nothing(follow, salons, alice, company):
    company("Acme", siren="732829320")
    follow("Acme,732829320,,")
    before, changed_at = state(), the_sheet().changed_at
    assert sheets.fetch_now(alice, salons).outcome == "unchanged"
    assert state() == before
    sheet = the_sheet()
    assert sheet.changed_at == changed_at
    assert sheet.agreed_at > changed_at


def test_a_changed_sheet_replaces_what_the_list_held(follow, salons, alice, google, company):
    acme, bolt = company("Acme", siren="732829320"), company("Bolt", siren="552100554")
    follow("Acme,732829320,,")
    google.holds("Bolt,552100554,,")
    assert sheets.fetch_now(alice, salons).outcome == "applied"
    assert (list_of(acme), list_of(bolt)) == ("prospect-default", "prospect-salons")
    assert [version.number for version in salons.versions.order_by("number")] == [1, 2]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("", "sheet.empty"),
        (",,,\r\n,,,", "sheet.empty"),
        (HEADINGS, "sheet.no-lines"),
        (f"{HEADINGS}\r\n,,,\r\n", "sheet.no-lines"),
        (f"{HEADINGS}\r\nSans clé,,,\r\nAussi,,,", "sheet.none-accepted"),
        ("Nom,Adresse\r\nAcme,Lyon", "heading.missing"),
        ("#REF!", "heading.missing"),
    ],
)
def test_a_sheet_that_breaks_overnight_keeps_yesterdays_members_and_says_so(
    follow, salons, google, company, broken, code
):
    acme = company("Acme", siren="732829320")
    follow("Acme,732829320,,")
    before, yesterday = state(), the_sheet().agreed_at
    google.says(broken)
    [fetched] = sheets.fetch_due(yesterday + timedelta(minutes=61))
    assert (fetched.outcome, fetched.code) == ("failed", code)
    assert list_of(acme) == "prospect-salons"
    assert names(salons) == ["Acme"]
    assert state() == before
    sheet = the_sheet()
    assert (sheet.state, sheet.stale, sheet.failures, sheet.agreed_at) == ("failed", True, 1, yesterday)
    assert str(sheet.outcome) == str(fetched.message)


@pytest.mark.parametrize("fault", [status(404), status(410), truncated])
def test_a_google_that_fails_changes_nothing_either(follow, salons, alice, google, fault):
    follow("Acme,732829320,,")
    before = state()
    google.fails(fault)
    assert sheets.fetch_now(alice, salons).outcome == "failed"
    assert state() == before
    assert sheets.fetch_now(alice, salons).outcome == "unchanged"
    assert (the_sheet().state, the_sheet().failures) == ("fresh", 0)


def test_failures_in_a_row_put_the_next_reading_off(follow, salons, alice, google):
    follow("Acme,732829320,,", every=60)
    google.says("")
    waits = []
    for _ in range(8):
        sheets.fetch_now(alice, salons)
        sheet = the_sheet()
        waits.append(round((sheet.due_at - sheet.fetched_at).total_seconds() / 60))
    assert waits == [60, 120, 240, 480, 960, 1440, 1440, 1440]


def test_google_says_when_to_come_back(follow, salons, alice, google):
    follow("Acme,732829320,,", every=60)
    google.fails(status(429, Retry_After="7200"))
    assert sheets.fetch_now(alice, salons).code == "sheet.too-many"
    sheet = the_sheet()
    assert sheet.due_at - sheet.fetched_at == timedelta(hours=2)


def test_a_sheet_that_lost_most_of_its_lines_waits_for_a_person(follow, salons, alice, google):
    follow(*MANY)
    google.holds(*MANY[:9])
    fetched = sheets.fetch_now(alice, salons)
    assert (fetched.outcome, fetched.code) == ("held", "sheet.held")
    assert "9 lignes acceptées, la liste en a 20" in str(fetched.message)
    assert len(names(salons)) == 20
    assert (the_sheet().state, the_sheet().stale, the_sheet().failures) == ("held", True, 0)


@pytest.mark.parametrize(("left", "outcome"), [(10, "applied"), (9, "held"), (1, "held")])
def test_half_of_the_lines_is_enough(follow, salons, alice, google, left, outcome):
    follow(*MANY)
    google.holds(*MANY[:left])
    assert sheets.fetch_now(alice, salons).outcome == outcome


def test_a_short_list_may_shrink(follow, salons, alice, google):
    follow(*MANY[:10])
    google.holds(MANY[0])
    assert sheets.fetch_now(alice, salons).outcome == "applied"


@pytest.mark.parametrize(("refused", "outcome"), [(2, "applied"), (3, "held")])
def test_a_sheet_with_most_lines_refused_waits_for_a_person(follow, salons, alice, google, refused, outcome):
    follow("Acme,732829320,,")
    google.holds("Acme,732829320,,", "Bolt,552100554,,", *["Sans clé,,,"] * refused)
    assert sheets.fetch_now(alice, salons).outcome == outcome


def test_a_held_content_is_taken_with_consent_and_only_that_content(follow, salons, alice, google):
    follow(*MANY)
    google.holds(*MANY[:3])
    sheets.fetch_now(alice, salons)
    seen = the_sheet().held_fingerprint
    google.holds(*MANY[:2])
    assert sheets.fetch_now(alice, salons, consent=seen).outcome == "held"
    google.holds(*MANY[:3])
    assert sheets.fetch_now(alice, salons, consent=seen).outcome == "applied"
    assert len(names(salons)) == 3
    assert the_sheet().held_fingerprint == ""


def test_a_held_content_stays_held_without_being_staged_again(follow, salons, alice, google):
    follow(*MANY)
    google.holds(*MANY[:3])
    first = sheets.fetch_now(alice, salons)
    before = state()
    again = sheets.fetch_now(alice, salons)
    assert (again.outcome, again.code, str(again.message)) == ("held", first.code, str(first.message))
    assert state() == before


def test_a_held_sheet_that_is_mended_is_taken(follow, salons, alice, google):
    follow(*MANY)
    google.holds(*MANY[:3])
    sheets.fetch_now(alice, salons)
    google.holds(*MANY)
    assert sheets.fetch_now(alice, salons).outcome == "unchanged"
    assert the_sheet().state == "fresh"


def test_no_consent_empties_a_list(follow, salons, alice, google):
    import hashlib

    follow("Acme,732829320,,")
    google.says(HEADINGS)
    consent = hashlib.sha256(HEADINGS.encode()).hexdigest()
    assert sheets.fetch_now(alice, salons, consent=consent).code == "sheet.no-lines"
    assert names(salons) == ["Acme"]


def test_what_somebody_imported_by_hand_stays_until_the_sheet_changes_or_somebody_wants_it_back(
    follow, salons, alice, import_lines
):
    follow("Acme,732829320,,")
    import_lines(salons, "Bolt;552100554;;")
    assert sheets.fetch_now(alice, salons).outcome == "unchanged"
    assert names(salons) == ["Bolt"]
    assert sheets.fetch_now(alice, salons, consent=the_sheet().fingerprint).outcome == "applied"
    assert names(salons) == ["Acme"]


def test_over_quota_is_a_failure_and_changes_nothing(follow, salons, alice, google, workspace):
    follow("Acme,732829320,,")
    workspace.plan = "starter"
    workspace.save()
    google.holds(*[f"Société {n},,societe-{n}.fr," for n in range(1001)])
    assert sheets.fetch_now(alice, salons).code == "quota"
    assert names(salons) == ["Acme"]


def test_the_page_has_its_limit_of_lines(follow, salons, alice, google):
    follow("Acme,732829320,,")
    google.holds(*MANY)
    fetched = sheets.fetch_now(alice, salons, most_lines=10)
    assert fetched.code == "sheet.long"
    assert 'tamis sheets fetch "prospect-salons"' in str(fetched.message)
    assert sheets.fetch_now(alice, salons).outcome == "applied"


def test_only_what_is_due_is_read(google, alice, make_list):
    link = google.holds("Acme,732829320,,")
    hourly, paused, gone, later = (make_list("prospect", name) for name in ("heure", "pause", "partie", "plus tard"))
    for target in (hourly, paused, gone, later):
        sheets.follow(alice, target, link)
    sheets.change(alice, paused, paused=True)
    lists.delete(alice, gone)
    sheets.fetch_now(alice, later)
    fetched = sheets.fetch_due()
    assert [each.list_name for each in fetched] == ["prospect-heure"]
    assert fetched[0].report.applied
    assert hourly.versions.get().act.by == "tamis"
    assert sheets.fetch_due() == []
    assert sheets.fetch_now(alice, paused).outcome == "applied"


def test_one_broken_sheet_holds_nobody_up(google, alice, make_list, monkeypatch, caplog):
    good = google.holds("Acme,732829320,,")
    bad = google.says("", identifier="1CasseAbCdEfGhIjKlMnOpQrSt")
    worse = google.holds("Bolt,552100554,,", identifier="1PireAbCdEfGhIjKlMnOpQrStUv")
    for name, link in (("a", bad), ("b", worse), ("c", good)):
        sheets.follow(alice, make_list("prospect", name), link)
    real = sheets.sheet_contents.apply

    def failing(actor, target, *given):
        if target.name == "prospect-b":
            raise ZeroDivisionError
        return real(actor, target, *given)

    monkeypatch.setattr(sheets.sheet_contents, "apply", failing)
    outcomes = {each.list_name: (each.outcome, each.code) for each in sheets.fetch_due()}
    assert outcomes == {
        "prospect-a": ("failed", "sheet.empty"),
        "prospect-b": ("failed", "error"),
        "prospect-c": ("applied", "sheet.applied"),
    }
    assert "ZeroDivisionError" in caplog.text
    assert "Bolt" not in caplog.text
    assert SALONS not in caplog.text


def test_while_somebody_reads_the_sheet_another_does_not(follow, salons, alice):
    follow("Acme,732829320,,")
    with lease(f"sheet:{the_sheet().pk}", "Bob"):
        with pytest.raises(Busy, match="Bob y travaille"):
            sheets.fetch_now(alice, salons)
        assert sheets.fetch_due(the_sheet().due_at) == []


def test_during_an_import_by_hand_the_sheet_waits(follow, salons, google):
    follow("Acme,732829320,,")
    google.holds("Bolt,552100554,,")
    due_at = the_sheet().due_at
    with lease(f"list-import:{salons.pk}", "Bob"):
        assert sheets.fetch_due(due_at) == []
    assert (the_sheet().due_at, the_sheet().failures) == (due_at, 0)
    assert [each.outcome for each in sheets.fetch_due(due_at)] == ["applied"]


def test_unfollowed_while_it_is_read_the_list_stays_as_it_was(follow, salons, alice, google):
    follow("Acme,732829320,,")
    google.holds("Bolt,552100554,,")

    original = sheets.sheet_contents.apply

    def unfollowed_meanwhile(*given):
        sheets.unfollow(alice, salons)
        return original(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheets.sheet_contents, "apply", unfollowed_meanwhile)
        with pytest.raises(Refused, match="ne suit plus cette feuille"):
            sheets.fetch_now(alice, salons)
    assert names(salons) == ["Acme"]


def test_a_list_follows_one_sheet_at_most(follow, salons, alice, google):
    follow("Acme,732829320,,")
    other = google.holds("Bolt,552100554,,", identifier="1AutreAbCdEfGhIjKlMnOpQrSt")
    sheets.follow(alice, salons, other, every=1440)
    sheet = the_sheet()
    assert (sheet.address, sheet.every, sheet.state, sheet.fingerprint) == (other, 1440, "new", "")
    assert sheets.fetch_now(alice, salons).outcome == "applied"
    assert names(salons) == ["Bolt"]


def test_following_the_same_sheet_again_forgets_nothing(follow, salons, alice, google):
    follow("Acme,732829320,,")
    fingerprint = the_sheet().fingerprint
    sheets.follow(alice, salons, the_sheet().address, every=15)
    assert (the_sheet().every, the_sheet().fingerprint) == (15, fingerprint)
    assert sheets.fetch_now(alice, salons).outcome == "unchanged"


def test_following_changing_and_unfollowing_leave_their_rows_in_the_audit_trail(follow, salons, alice):
    follow("Acme,732829320,,")
    sheets.change(alice, salons, paused=True)
    sheets.change(alice, salons, every=15)
    sheets.unfollow(alice, salons)
    kinds = [*Act.objects.filter(kind__startswith="sheet").order_by("pk").values_list("kind", flat=True)]
    assert kinds == ["sheet.followed", "sheet.changed", "sheet.changed", "sheet.unfollowed"]
    assert all(SALONS not in str(act.note) for act in Act.objects.all())
    assert names(salons) == ["Acme"]
    with pytest.raises(NotFound, match="ne suit pas de feuille"):
        sheets.fetch_now(alice, salons)


@pytest.mark.parametrize("every", [0, 4, 10081, -60])
def test_a_frequency_out_of_bounds_is_refused(salons, alice, google, every):
    with pytest.raises(Refused, match="au plus toutes les 5 minutes"):
        sheets.follow(alice, salons, google.holds("Acme,732829320,,"), every)
    assert not FollowedSheet.objects.exists()


def test_a_rehearsal_says_everything_and_keeps_nothing(salons, alice, google, settings):
    link = google.holds("Acme,732829320,,", "Sans clé,,,", "Aussi,,,")
    before = state()
    rehearsal = sheets.rehearse(alice, salons, link)
    assert (rehearsal.report.accepted, rehearsal.report.refused) == (1, 2)
    assert [line.number for line in rehearsal.refused] == [3, 4]
    assert "plus de la moitié" in str(rehearsal.hold)
    assert state() == before
    assert [*(settings.HOME / "sheets").iterdir()] == []


def test_rehearsed_and_agreed_the_first_reading_takes_what_was_seen(salons, alice, google):
    link = google.holds("Acme,732829320,,", "Sans clé,,,", "Aussi,,,")
    rehearsal = sheets.rehearse(alice, salons, link)
    sheets.follow(alice, salons, link)
    assert sheets.fetch_now(alice, salons, consent=rehearsal.fingerprint).outcome == "applied"
    assert names(salons) == ["Acme"]
