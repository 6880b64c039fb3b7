"""What has served its time goes, even where nobody passes by any more; what is younger stays."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from tamis.app.gates import Right
from tamis.app.models import Due, Job, KeptAnswer, Session, Tries
from tamis.app.services import company_files, kept_answers, list_uploads, tokens, tries, work

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _home(settings, tmp_path):
    settings.HOME = tmp_path / "home"


@pytest.fixture
def keep_house(workspace):
    """Does all the periodic work, as a worker does that comes by after a day."""

    def kept():
        Due.objects.update(at=timezone.now())
        work.run_due()

    return kept


def job(state, ended_ago=None):
    now = timezone.now()
    ended = now - ended_ago if ended_ago else None
    made = Job.objects.create(
        kind="list-import", by="alice", created_at=now - 200 * DAY, not_before=now, state=state, ended_at=ended
    )
    made.produced("report.csv").write_text("a")
    return made


def test_finished_jobs_are_forgotten_after_ninety_days_with_their_files(keep_house):
    old = [job(state, 91 * DAY) for state in ("done", "failed", "cancelled")]
    younger, waiting = job("done", 89 * DAY), job("queued")
    keep_house()
    assert {*Job.objects.values_list("pk", flat=True)} == {younger.pk, waiting.pk}
    assert [each.folder.exists() for each in (*old, waiting)] == [False, False, False, True]


def test_counted_tries_go_a_day_after_the_last_though_nobody_signs_in(keep_house):
    now = timezone.now()
    for key, age in (("old", tries.KEPT + DAY), ("young", timedelta(hours=1))):
        Tries.objects.create(key=key, count=3, last_at=now - age, wait_until=now)
    keep_house()
    assert [*Tries.objects.values_list("key", flat=True)] == ["young"]


def test_answers_kept_for_a_key_go_after_a_day_though_no_key_comes(keep_house, alice, django_user_model):
    owner = django_user_model.objects.create_user("ada", role="admin")
    token = tokens.create(alice, owner, "essai", Right.READ).token
    for key, age in (("old", kept_answers.KEPT + DAY), ("young", timedelta(hours=1))):
        KeptAnswer.objects.create(token=token, key=key, request="r", body={}, at=timezone.now() - age)
    keep_house()
    assert [*KeptAnswer.objects.values_list("key", flat=True)] == ["young"]


def test_expired_sessions_go(keep_house):
    now = timezone.now()
    for key, ends in (("old", now - DAY), ("young", now + DAY)):
        Session.objects.create(session_key=key, session_data="", expire_date=ends, started_at=now, last_seen=now)
    keep_house()
    assert [*Session.objects.values_list("session_key", flat=True)] == ["young"]


@pytest.mark.parametrize("files", [list_uploads.FILES, company_files.FILES], ids=lambda files: files.name)
def test_files_that_were_brought_and_never_imported_go(keep_house, files):
    old, young = files.receive([b"a"]), files.receive([b"a"])
    long_ago = (timezone.now() - 2 * DAY).timestamp()
    os.utime(files.folder(old), (long_ago, long_ago))
    keep_house()
    assert [folder.name for folder in files.root.iterdir()] == [young]
