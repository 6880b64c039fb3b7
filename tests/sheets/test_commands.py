"""``tamis sheets``, in processes of their own, with the Google of the tests."""

import subprocess
import sys

import launcher
import pytest
from fake_google import EMAIL, late, plain, status
from interrupted import ran_to_its_end

HEADINGS = "Nom,SIREN,Domaine email,Website"
MANY = [f"Société {n},,societe-{n}.fr," for n in range(20)]


@pytest.fixture
def shell(shell, google):
    """A command line from which the Google of the tests is reached, with the list prospect-salons."""
    shell.env |= google.env
    shell("lists", "create", "prospect", "salons")
    return shell


def only(shell):
    [row] = shell.json("sheets", "ls")
    return row


def test_follow_read_and_unfollow(shell, google):
    link = google.holds("Acme,732829320,,", "Sans clé,,,")
    followed = shell.json("sheets", "follow", "prospect-salons", link, "--every", "30")
    assert (followed["outcome"], followed["report"]["accepted"], followed["report"]["refused"]) == ("applied", 1, 1)
    row = only(shell)
    assert (row["state"], row["every"], row["paused"], row["address"]) == ("fresh", 30, False, link)
    assert shell.json("sheets", "fetch", "prospect-salons")["outcome"] == "unchanged"
    assert shell.json("sheets", "fetch", "--due") == []
    assert "prospect-salons" in shell("sheets", "ls").out
    shell("sheets", "unfollow", "prospect-salons")
    assert shell.json("sheets", "ls") == []
    assert shell("lists", "export", "prospect-salons", shell.home / "x.csv").out.startswith("1 ligne")


def test_an_address_that_cannot_be_read_is_not_followed(shell, google):
    link = google.holds("Acme,732829320,,", shared=False)
    refused = shell("sheets", "follow", "prospect-salons", link, "--json", ok=False)
    assert (refused.code, refused.json["error"]["code"]) == (1, "sheet.not-shared")
    assert shell.json("sheets", "ls") == []
    assert (
        "Google Docs"
        in shell("sheets", "follow", "prospect-salons", link.replace("spreadsheets", "document"), ok=False).err
    )


def test_a_dry_run_follows_nothing(shell, google):
    link = google.holds("Acme,732829320,,", "Sans clé,,,", "Aussi,,,")
    told = shell.json("sheets", "follow", "prospect-salons", link, "--dry-run")
    assert told["report"]["accepted"] == 1
    assert "plus de la moitié" in told["held"]
    assert shell.json("sheets", "ls") == []


def test_a_doubtful_sheet_wants_a_yes(shell, google):
    link = google.holds("Acme,732829320,,", "Sans clé,,,", "Aussi,,,")
    refused = shell("sheets", "follow", "prospect-salons", link, ok=False)
    assert refused.code == 1
    assert "--yes" in refused.err
    assert shell.json("sheets", "ls") == []
    assert shell.json("sheets", "follow", "prospect-salons", link, "--yes")["outcome"] == "applied"


def test_a_held_sheet_is_applied_all_the_same(shell, google):
    shell("sheets", "follow", "prospect-salons", google.holds(*MANY))
    google.holds(*MANY[:2])
    held = shell("sheets", "fetch", "prospect-salons", "--json", ok=False)
    assert (held.code, held.json["outcome"]) == (1, "held")
    assert only(shell)["state"] == "held"
    assert shell.json("sheets", "fetch", "prospect-salons", "--all-the-same")["report"]["accepted"] == 2


def test_pause_and_resume(shell, google):
    shell("sheets", "follow", "prospect-salons", google.holds("Acme,732829320,,"))
    assert shell.json("sheets", "pause", "prospect-salons")["paused"] is True
    assert shell.json("sheets", "resume", "prospect-salons")["paused"] is False


def test_a_private_sheet_through_the_key_in_the_environment(shell, google):
    link = google.holds("Acme,732829320,,", shared=False, with_account=True)
    shell.env["TAMIS_GOOGLE_KEY"] = str(google.key_file())
    assert shell.json("sheets", "follow", "prospect-salons", link)["outcome"] == "applied"
    google.documents.clear()
    google.holds("Acme,732829320,,", shared=False)
    refused = shell("sheets", "fetch", "prospect-salons", ok=False)
    assert EMAIL in refused.out
    assert "PRIVATE KEY" not in refused.out + refused.err


def test_which_list_must_be_said(shell):
    assert shell("sheets", "fetch", ok=False).code == 2
    assert shell("sheets", "fetch", "prospect-salons", "--due", ok=False).code == 2
    assert "ne suit pas de feuille" in shell("sheets", "fetch", "prospect-salons", ok=False).err


def make_due(shell):
    """Let every sheet's time come."""
    code = (
        "from tamis.cli.shell import django_ready; django_ready()\n"
        "from django.utils import timezone; from tamis.app.models import FollowedSheet\n"
        "FollowedSheet.objects.update(due_at=timezone.now())"
    )
    assert launcher.run(["-c", code], shell.env).returncode == 0


def test_two_workers_at_once_read_each_sheet_once(shell, google):
    shell("sheets", "follow", "prospect-salons", google.holds("Acme,732829320,,"))
    make_due(shell)
    changed = plain(f"{HEADINGS}\r\nBolt,552100554,,".encode())
    google.asked.clear()
    google.fails(late(2, changed), late(2, changed))
    command = [sys.executable, "-m", "tamis", "sheets", "fetch", "--due", "--json"]
    workers = [subprocess.Popen(command, env=shell.env, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outs = [worker.communicate(timeout=60)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert sorted("applied" if "applied" in out else out.strip() for out in outs) == ["[]", "[]", "applied"]
    assert len(google.asked) == 1
    assert [each["version"] for each in shell.json("lists", "history", "prospect-salons")] == [2, 1]


def is_old_or_new(shell):
    """Whether list and note both are of before, or both of after; never one of each."""
    versions = [each["version"] for each in shell.json("lists", "history", "prospect-salons")]
    fetched = shell.json("sheets", "ls")[0]["changed_at"]
    assert versions in ([1], [2, 1])
    return versions == [2, 1], fetched


@pytest.mark.parametrize("step", [pytest.param(13, id="here and there"), pytest.param(3, marks=pytest.mark.soak)])
def test_killed_at_any_moment_the_next_reading_takes_it_once(shell, google, step):
    shell("sheets", "follow", "prospect-salons", google.holds("Acme,732829320,,"))
    changed_at = only(shell)["changed_at"]
    google.holds("Bolt,552100554,,")
    deaths = 0
    while True:
        make_due(shell)
        ended = ran_to_its_end(shell, 1 + step * deaths, "sheets", "fetch", "--due")
        replaced, noted = is_old_or_new(shell)
        assert replaced == (noted != changed_at)
        if replaced or ended:
            break
        deaths += 1
    assert deaths > 2
    make_due(shell)
    assert [each["outcome"] for each in shell.json("sheets", "fetch", "--due")] == ["unchanged"]
    assert is_old_or_new(shell)[0]


def test_a_failure_is_told_and_read_again_later(shell, google):
    shell("sheets", "follow", "prospect-salons", google.holds("Acme,732829320,,"))
    google.fails(status(404))
    failed = shell("sheets", "fetch", "prospect-salons", ok=False)
    assert failed.code == 1
    assert "Google ne connaît pas cette feuille" in failed.out
    assert only(shell)["code"] == "sheet.missing"
