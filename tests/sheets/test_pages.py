"""The sheet that a list follows, on the page."""

import re

import pytest
from cast import list_of
from fake_google import EMAIL, status

from tamis.app.models import FollowedSheet, Job, ListVersion
from tamis.app.services import work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_home")]

MANY = [f"Société {n},,societe-{n}.fr," for n in range(20)]


@pytest.fixture
def edith(workspace):
    return _browser("edith", "editor")


@pytest.fixture
def victor(workspace):
    return _browser("victor", "viewer")


def _browser(name, role):
    from django.test import Client

    from tamis.app.models import User

    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.create_user(username=name, password="un-long-secret", role=role))
    return client


@pytest.fixture
def salons(make_list):
    return make_list("prospect", "salons")


def fields(page):
    """The hidden fields of the form that follows."""
    return dict(re.findall(r'<input type="hidden" name="(address|every|fingerprint)" value="([^"]*)"', page))


def text(answer):
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("&#x27;", "'").split())


def end(client, waiting):
    """Let a worker do what somebody waits for; the page that they are led to."""
    assert waiting["Location"] == f"/jobs/{Job.objects.latest('pk').pk}/"
    work.run_queued(lambda: False)
    return client.get(waiting["Location"], follow=True)


@pytest.fixture
def post(edith, salons):
    """The editor sends a form about the sheet and waits for what comes of it: the page that they are led to."""
    return lambda what="", given=None: end(edith, edith.post(f"/lists/{salons.pk}/sheet/{what}", given or {}))


@pytest.fixture
def follow(post, google):
    """The editor follows a sheet with these lines."""

    def followed(*lines):
        page = post("", {"address": google.holds(*lines), "every": "60"})
        return post("follow/", fields(page.content.decode()))

    return followed


def test_tried_out_then_followed(post, salons, google, company):
    acme = company("Acme", siren="732829320")
    link = google.holds("Acme,732829320,,", "Bolt,552100554,,", "Sans clé,,,")
    tried = post("", {"address": link, "every": "360"})
    assert tried.status_code == 200
    assert "rien n'est encore changé" in text(tried)
    assert "remplissez au moins une autre colonne" in text(tried)
    assert not FollowedSheet.objects.exists()
    assert list_of(acme) == "prospect-default"
    given = fields(tried.content.decode())
    assert (given["address"], given["every"]) == (link, "360")
    done = post("follow/", given)
    assert done.redirect_chain[-1][0] == f"/lists/{salons.pk}/versions/1/"
    assert "2 lignes acceptées ; refusées : 1." in text(done)
    assert list_of(acme) == "prospect-salons"
    assert FollowedSheet.objects.get().every == 360


def test_what_is_no_sheet_is_told_beside_the_form_and_the_address_kept(edith, post, salons, google):
    address = "https://docs.google.com/document/d/1AbCdEfGhIjKlMnOpQrSt/edit"
    refused = edith.post(f"/lists/{salons.pk}/sheet/", {"address": address})
    assert refused.status_code == 409
    assert "document Google Docs" in text(refused)
    assert f'value="{address}"' in refused.content.decode()
    link = google.holds("Acme,,,", shared=False)
    private = post("", {"address": link, "every": "360"})
    assert f'value="{link}"' in private.content.decode()
    assert '<option value="360" selected>' in private.content.decode()
    assert "Partager > Accès général" in text(private).replace("&gt;", ">")


def test_a_sheet_that_breaks_overnight_is_seen_on_the_list_and_among_the_lists(post, victor, salons, google, follow):
    follow("Acme,732829320,,")
    assert "Suit une feuille Google, lue le" in text(victor.get(f"/lists/{salons.pk}/"))
    assert "suit une feuille" in text(victor.get("/lists/"))
    google.says("")
    said = text(post("fetch/"))
    assert "La feuille est vide : il n'y a ni titres ni lignes. La liste reste comme elle était." in said
    seen = text(victor.get(f"/lists/{salons.pk}/"))
    assert "Plus à jour depuis le" in seen
    assert "La feuille est vide" in seen
    assert "Acme" in seen
    assert "feuille : pas à jour" in text(victor.get("/lists/"))


def test_a_held_sheet_asks_and_is_applied_all_the_same(post, salons, google, follow):
    follow(*MANY)
    google.holds(*MANY[:2])
    held = post("fetch/")
    assert "elle attend votre accord" in text(held)
    consent = fields(held.content.decode())["fingerprint"]
    done = post("fetch/", {"fingerprint": consent})
    assert done.redirect_chain[-1][0] == f"/lists/{salons.pk}/versions/2/"
    assert "Importer quand même" not in text(done)


def test_paused_taken_up_again_and_left(edith, salons, follow):
    follow("Acme,732829320,,")
    change = f"/lists/{salons.pk}/sheet/change/"
    assert "en pause" in text(edith.post(change, {"paused": "1"}, follow=True))
    assert "feuille en pause" in text(edith.get("/lists/"))
    assert "Lecture de la feuille reprise" in text(edith.post(change, {"paused": "0"}, follow=True))
    edith.post(change, {"every": "1440"})
    assert FollowedSheet.objects.get().every == 1440
    assert edith.post(change, {"every": "3"}).status_code == 409
    left = edith.post(f"/lists/{salons.pk}/sheet/unfollow/", follow=True)
    assert "ne suit plus de feuille ; elle garde ce qu'elle contient" in text(left)
    assert not FollowedSheet.objects.exists()


def test_what_was_imported_since_is_told_and_can_be_undone(edith, post, salons, follow, import_lines):
    follow("Acme,732829320,,")
    import_lines(salons, "Bolt;552100554;;", file_name="a-la-main.csv")
    page = edith.get(f"/lists/{salons.pk}/sheet/")
    assert "La liste contient la version 2 (a-la-main.csv), importée depuis." in text(page)
    consent = fields(page.content.decode())["fingerprint"]
    post("fetch/", {"fingerprint": consent})
    assert "Acme" in text(edith.get(f"/lists/{salons.pk}/"))


def test_a_viewer_sees_how_it_goes_and_is_offered_nothing(victor, salons, google, follow):
    follow("Acme,732829320,,")
    page = victor.get(f"/lists/{salons.pk}/").content.decode()
    assert "/sheet/" not in page
    assert FollowedSheet.objects.get().address not in page
    assert victor.get(f"/lists/{salons.pk}/sheet/").status_code == 403


def test_the_page_names_the_service_account_to_share_with(edith, salons, google, settings):
    settings.GOOGLE = google.reached(key=str(google.key_file()))
    page = edith.get(f"/lists/{salons.pk}/sheet/").content.decode()
    assert EMAIL in page
    assert "PRIVATE KEY" not in page


def test_a_list_that_follows_none_says_so_kindly(edith, salons):
    assert "Suivre une feuille Google" in text(edith.get(f"/lists/{salons.pk}/sheet/"))
    assert edith.post(f"/lists/{salons.pk}/sheet/fetch/").status_code == 404
    assert edith.post(f"/lists/{salons.pk}/sheet/unfollow/").status_code == 404


def test_the_lists_page_asks_the_database_no_more_with_many_sheets(edith, google, make_list, alice):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tamis.app.services import sheets

    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            edith.get("/lists/")
        return len(queries)

    link = google.holds("Acme,732829320,,")
    sheets.follow(alice, make_list("prospect", "a"), link)
    before = asked()
    for name in "bcdefg":
        sheets.follow(alice, make_list("prospect", name), link)
    assert asked() == before


def test_in_english(edith, post, salons, google, follow):
    follow("Acme,732829320,,")
    google.fails(status(404))
    post("fetch/")
    edith.post("/language/", {"language": "en", "next": "/"})
    page = text(edith.get(f"/lists/{salons.pk}/sheet/"))
    assert "Google does not know this sheet" in page
    assert "Read now" in page


def test_a_sheet_read_twice_at_once_is_one_job(edith, salons, follow, google):
    follow("Acme,732829320,,")
    google.holds("Bolt,552100554,,")
    first, again = (edith.post(f"/lists/{salons.pk}/sheet/fetch/") for _ in range(2))
    assert first["Location"] == again["Location"]
    work.run_queued(lambda: False)
    assert salons.versions.count() == 2


def test_a_reading_is_cancelled_before_it_changes_anything(edith, salons, follow, google):
    follow("Acme,732829320,,")
    google.holds("Bolt,552100554,,")
    waiting = edith.post(f"/lists/{salons.pk}/sheet/fetch/")
    edith.post(waiting["Location"] + "cancel/")
    assert work.run_queued(lambda: False) == 0
    assert "Lecture annulée." in text(edith.get(waiting["Location"], follow=True))
    assert ListVersion.objects.count() == 1


def test_nobody_sees_the_trial_of_somebody_else(post, workspace, salons, google):
    post("", {"address": google.holds("Acme,732829320,,"), "every": "60"})
    page = _browser("ernest", "editor").get(f"/lists/{salons.pk}/sheet/?tried={Job.objects.latest('pk').pk}")
    assert "rien n'est encore changé" not in text(page)


@pytest.mark.parametrize("tried", ["", "x", "999999", "9" * 30])
def test_a_trial_that_never_was_shows_the_page(edith, salons, tried):
    assert edith.get(f"/lists/{salons.pk}/sheet/?tried={tried}").status_code == 200
