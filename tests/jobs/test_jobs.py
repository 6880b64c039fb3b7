"""A job waits, runs, tells how far it is, and ends in one of three ways; whoever started it is told once."""

import io
import os
import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from tamis.app.models import Company, Due, Job, Lease
from tamis.app.services import jobs, work
from tamis.errors import Busy, NotFound, Refused
from tamis.messages import say, speaking

ACME = "732829320"


def never():
    return False


@pytest.fixture(autouse=True)
def _home(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path / "home"
    monkeypatch.setattr(work, "TOLD_EVERY", 0)


@pytest.fixture
def kind(monkeypatch):
    """Registers a kind of job for the length of a test: ``kind("count", function)``."""
    known = dict(jobs.kinds())
    monkeypatch.setattr(jobs, "_kinds", known)

    def made(name, function, repeatable=True):
        known[name] = jobs.Kind(name, say("Essai"), repeatable, function)

    return made


@pytest.fixture
def start(alice):
    """Starts a job as Alice."""
    return lambda name, arguments=None, **files: jobs.start(
        alice, name, arguments, {key: io.BytesIO(text.encode()) for key, text in files.items()}
    )


def again(job):
    return jobs.find(job.pk)


def die(job, seconds_ago=0):
    """Leave a job as a killed worker does: running, its lease held by a process that is no more."""
    held = work.Held(jobs.lease_key(job), work.LASTS)
    now = timezone.now()
    Lease.objects.create(
        key=held.key, token=held.token, holder="gone", host=os.uname().nodename, process=2**22 + 1, since=now,
        until=now + work.LASTS,
    )  # fmt: skip
    Job.objects.filter(pk=job.pk).update(state="running", worker=held.token, attempts=job.attempts + 1)


def test_done_with_its_result_its_file_and_its_progress(kind, start):
    seen = []

    def count(actor, job, progress):
        progress.say(say("Lecture"))
        progress(3, 7)
        seen.append((actor.by, again(job).done, again(job).total, str(again(job).phase), again(job).state))
        job.produced("out.csv").write_text("bonjour")
        return {"read": job.brought("file").read_text(), "files": {"out.csv": "noms.csv"}}

    kind("count", count)
    job = start("count", {"n": 1}, file="contenu")
    assert (job.state, job.arguments) == ("queued", {"n": 1})
    assert work.run_next(never)
    assert seen == [("alice", 3, 7, "Lecture", "running")]
    job = again(job)
    assert (job.state, job.result["read"], job.files, job.worker) == ("done", "contenu", {"out.csv": "noms.csv"}, None)
    assert not work.run_next(never)
    assert not Lease.objects.exists()


def test_the_oldest_comes_first(kind, start):
    order = []
    kind("note", lambda actor, job, progress: order.append(job.pk) or {})
    started = [start("note").pk for _ in range(3)]
    assert work.run_queued(never) == 3
    assert order == started


def test_a_refusal_is_kept_as_a_sentence_in_the_readers_language(kind, start):
    def refuse(actor, job, progress):
        raise Refused(say("Aucune entreprise ne correspond. Enlevez un filtre."), "none.such")

    kind("refuse", refuse)
    job = start("refuse")
    work.run_next(never)
    assert (again(job).state, again(job).error_code) == ("failed", "none.such")
    assert str(again(job).error) == "Aucune entreprise ne correspond. Enlevez un filtre."


def test_a_fault_of_ours_is_logged_without_what_was_being_worked_on(kind, start, caplog):
    def fail(actor, job, progress):
        raise ValueError(job.arguments["email"])

    kind("fail", fail)
    job = start("fail", {"email": "marie.dupont@exemple.fr"})
    work.run_next(never)
    assert (again(job).state, again(job).error_code) == ("failed", "internal")
    assert "ValueError" in caplog.text
    assert "marie.dupont" not in caplog.text


def test_what_waits_is_cancelled_at_once(kind, start, alice):
    kind("never", lambda actor, job, progress: pytest.fail("it ran"))
    job = start("never")
    cancelled = jobs.cancel(alice, job)
    assert (cancelled.state, cancelled.cancelled_by) == ("cancelled", "alice")
    assert not work.run_next(never)
    with pytest.raises(Refused, match="déjà fini"):
        jobs.cancel(alice, job)


def test_what_runs_is_cancelled_at_its_next_word(kind, start, alice):
    reached = []

    def long(actor, job, progress):
        progress(1, 3)
        assert jobs.cancel(alice, job).state == "running"
        reached.append("asked")
        progress(2, 3)
        reached.append("went on")
        return {}

    kind("long", long)
    job = start("long")
    work.run_next(never)
    assert reached == ["asked"]
    assert (again(job).state, again(job).done) == ("cancelled", 2)


def test_a_worker_asked_to_stop_puts_its_job_back(kind, start):
    asked = []

    def long(actor, job, progress):
        asked.append(True)
        progress(1)
        return {"finished": True}

    kind("long", long)
    job = start("long")
    work.run_next(lambda: len(asked) == 1)
    assert (again(job).state, again(job).attempts) == ("queued", 0)
    work.run_next(never)
    assert (again(job).state, again(job).attempts) == ("done", 1)


def test_a_dead_workers_job_is_taken_up_again(kind, start):
    kind("count", lambda actor, job, progress: {"attempt": job.attempts})
    job = start("count")
    die(job)
    assert work.run_next(never)
    assert (again(job).state, again(job).result) == ("done", {"attempt": 2})


def test_a_dead_workers_job_that_may_not_be_repeated_is_told_as_interrupted(kind, start):
    kind("send", lambda actor, job, progress: pytest.fail("it ran again"), repeatable=False)
    job = start("send")
    die(job)
    work.run_next(never)
    assert (again(job).state, again(job).error_code) == ("failed", "job.interrupted")


def test_a_job_that_kills_its_workers_is_given_up(kind, start):
    kind("kill", lambda actor, job, progress: pytest.fail("it ran again"))
    job = start("kill")
    Job.objects.filter(pk=job.pk).update(attempts=work.MOST_ATTEMPTS - 1)
    die(again(job))
    work.run_next(never)
    assert (again(job).state, again(job).error_code) == ("failed", "job.interrupted")


def test_a_dead_workers_job_is_cancelled_without_a_worker(kind, start, alice):
    kind("count", lambda actor, job, progress: {})
    job = start("count")
    die(job)
    assert jobs.cancel(alice, job).state == "cancelled"


def test_what_another_worker_is_at_is_left_alone(kind, start):
    kind("count", lambda actor, job, progress: {})
    job = start("count")
    with work.lease(jobs.lease_key(job), "another worker"):
        assert not work.run_next(never)
    assert again(job).state == "queued"


def test_a_lease_in_our_own_number_that_we_never_took_is_a_dead_ones(kind, start):
    kind("count", lambda actor, job, progress: {})
    job = start("count")
    die(job)
    Lease.objects.update(process=os.getpid())
    assert work.run_next(never)
    assert again(job).state == "done"


def test_a_worker_that_lost_its_job_says_nothing_more_of_it(kind, start):
    def slow(actor, job, progress):
        Job.objects.filter(pk=job.pk).update(worker=work.Held("x", work.LASTS).token)  # somebody else has it now
        return {"late": True}

    kind("slow", slow)
    job = start("slow")
    work.run_next(never)
    assert (again(job).state, again(job).result) == ("running", {})


def test_work_that_finds_somebody_else_at_it_waits_its_turn(kind, start):
    def busy(actor, job, progress):
        raise Busy(say("bob y travaille."))

    kind("busy", busy)
    job = start("busy")
    assert work.run_next(never)
    assert (again(job).state, str(again(job).phase), again(job).attempts) == ("queued", "bob y travaille.", 0)
    assert not work.run_next(never)
    Job.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert work.run_next(never)


def test_a_database_that_fails_half_way_means_once_more(kind, start):
    def locked(actor, job, progress):
        raise OperationalError("database is locked")

    kind("locked", locked)
    job = start("locked")
    for attempt in range(1, work.MOST_ATTEMPTS):
        work.run_next(never)
        assert (again(job).state, again(job).attempts) == ("queued", attempt)
        Job.objects.update(not_before=timezone.now())
    work.run_next(never)
    assert again(job).state == "failed"


def test_an_unknown_kind_is_not_started(start):
    with pytest.raises(NotFound, match="Vouliez-vous dire « company-import »"):
        start("company-imports")
    assert not Job.objects.exists()


def test_nobody_fills_the_queue_alone(kind, start):
    kind("note", lambda actor, job, progress: {})
    for _ in range(jobs.MOST_ACTIVE):
        start("note")
    with pytest.raises(Busy, match="déjà"):
        start("note")


def test_files_go_some_days_after_the_end_and_what_waits_keeps_its_own(kind, start, settings):
    kind("note", lambda actor, job, progress: {})
    ended, recent, waiting = start("note", file="a"), start("note", file="b"), start("note", file="c")
    old = timezone.now() - jobs.KEPT - timedelta(days=1)
    Job.objects.filter(pk=ended.pk).update(state="done", ended_at=old)
    Job.objects.filter(pk=recent.pk).update(state="done", ended_at=timezone.now())
    (jobs.home() / ".new-lost").mkdir()
    for folder in jobs.home().iterdir():
        os.utime(folder, (old.timestamp(), old.timestamp()))
    jobs.sweep()
    assert {folder.name for folder in jobs.home().iterdir()} == {str(recent.pk), str(waiting.pk)}


def test_leases_of_the_dead_are_forgotten(start):
    job = start("list-restore")
    die(job)
    with work.lease("something", "alice"):
        jobs.sweep()
        assert [each.key for each in Lease.objects.all()] == ["something"]


def test_periodic_work_is_done_once_when_due(monkeypatch, workspace):
    done = []
    monkeypatch.setattr(work, "_periodic", {})

    def fetch():
        done.append(timezone.now())

    work.every(15)(fetch)
    assert (work.run_due(), work.run_due(), len(done)) == (1, 0, 1)
    due = Due.objects.get()
    assert timedelta(minutes=14) < due.at - timezone.now() <= timedelta(minutes=15)
    Due.objects.update(at=timezone.now() - timedelta(seconds=1))
    seen = Due.objects.get().at
    assert work.run_due() == 1
    assert not work._move_date(due.name, seen, timezone.now())  # a second worker that saw the same date comes too late


def test_periodic_work_that_fails_holds_nothing_up(monkeypatch, workspace, caplog):
    done = []
    monkeypatch.setattr(work, "_periodic", {})

    def fail():
        raise ValueError("".join(["sec", "ret"]))

    def fetch():
        done.append(1)

    work.every(1)(fail)
    work.every(1)(fetch)
    assert work.run_due() == 2
    assert done == [1]
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_a_worker_works_until_it_is_asked_to_stop(kind, start, monkeypatch):
    monkeypatch.setattr(work, "close_old_connections", lambda: None)  # the test's own transaction is in it
    kind("count", lambda actor, job, progress: {})
    job = start("count")
    slept = []
    work.run(lambda: bool(slept), slept.append)
    assert again(job).state == "done"
    assert slept == [work.IDLE]


def test_the_text_of_its_files_is_in_the_language_of_who_started_it(alice):
    with speaking("en"):
        job = jobs.start(alice, "company-import", {"file_name": "a.csv"}, {"file": io.BytesIO(b"Nom;Ville\n;Lyon\n")})
    work.run_next(never)
    text = again(job).produced("refused.csv").read_text("utf-8-sig")
    assert text.startswith("Nom,Ville,Motif\n,Lyon,")
    assert "no usable name or key" in text


def test_an_import_of_companies_keeps_its_refused_lines_for_mending(start):
    text = f"Nom;SIREN;Effectif\nAcme;{ACME};12\nBolt;;environ\n;12;\n"
    job = start("company-import", {"file_name": "base.csv"}, file=text)
    work.run_next(never)
    result = again(job).result
    assert (result["lines"], result["created"], result["refused"]) == (3, 2, 1)
    assert again(job).files == {"problems.csv": "base-motifs.csv", "refused.csv": "base-refus.csv"}
    mended = again(job).produced("refused.csv").read_text("utf-8-sig").replace(",12,", "Cargo,,", 1)
    second = start("company-import", {"file_name": "refus.csv"}, file=mended)
    work.run_next(never)
    assert again(second).result["created"] == 1
    assert again(second).result["new_headings"] == []
    assert Company.objects.count() == 3


def test_a_rehearsal_changes_nothing_not_even_the_fields(start):
    from tamis.app.models import CustomField

    arguments = {"file_name": "base.csv", "new_fields": {"Humeur": "text"}, "as_of": "2026-01-31"}
    text = f"Nom;SIREN;Humeur\nAcme;{ACME};bonne\n"
    job = start("company-rehearsal", arguments, file=text)
    work.run_next(never)
    assert (again(job).result["created"], again(job).result["new_headings"]) == (1, [])
    assert not Company.objects.exists()
    assert not CustomField.objects.exists()
    start("company-import", arguments, file=text)
    work.run_next(never)
    assert Company.objects.get().extra == {"humeur": "bonne"}
    assert Company.objects.get().first_seen.isoformat() == "2026-01-31"


def test_a_long_rehearsal_tries_the_first_lines_and_reads_the_rest(start, monkeypatch):
    from tamis.app.services import import_runs

    monkeypatch.setattr(import_runs, "REHEARSED", 500)
    text = "Nom;Site\n" + "".join(f"Entreprise {n};e{n}-exemple.fr\n" for n in range(600)) + ";\n;pas un site\n"
    job = start("company-rehearsal", {"file_name": "base.csv"}, file=text)
    work.run_next(never)
    result = again(job).result
    assert (result["lines"], result["rehearsed"], result["created"], result["refused"]) == (601, 500, 500, 1)


def test_an_import_into_a_list_and_its_restoration(start, make_list):
    target = make_list("prospect", "salons")
    head = "Nom;SIREN;Domaine email;Website\n"
    first = start("list-import", {"list": target.pk, "file_name": "v1.csv"}, file=f"{head}Acme;{ACME};;\nX;1;;\n")
    start("list-import", {"list": target.pk, "file_name": "v2.csv", "append": True}, file=f"{head}Bolt;;bolt.fr;\n")
    back = start("list-restore", {"list": target.pk, "number": 1})
    strict = start("list-import", {"list": target.pk, "strict": True}, file=f"{head}X;1;;\n")
    assert work.run_queued(never) == 4
    assert (again(first).result["version"], again(first).result["refused"]) == (1, 1)
    assert again(first).files == {"refused.csv": "v1-refus.csv"}
    assert again(back).result["version"] == 3
    assert again(back).result["accepted"] == 1
    assert (again(strict).state, again(strict).result["applied"]) == ("done", False)


def test_an_import_into_a_list_that_is_gone_fails_with_a_sentence(start, workspace):
    job = start("list-import", {"list": 10**6, "file_name": "v1.csv"}, file="Nom;SIREN\n")
    work.run_next(never)
    assert (again(job).state, again(job).error_code) == ("failed", "list.gone")


def test_an_export_can_be_imported_again(start, company):
    company("Acme", siren=ACME, city="Lyon")
    company("Bolt", website="bolt.fr", city="Paris")
    job = start("company-export", {"filters": "city=Lyon", "format": "csv"})
    work.run_next(never)
    assert (again(job).result["companies"], again(job).files) == (1, {"companies.csv": "entreprises.csv"})
    text = again(job).produced("companies.csv").read_text("utf-8-sig")
    assert "Acme" in text
    assert "Bolt" not in text


def test_whoever_started_it_is_told_once(kind, alice, workspace):
    from tamis.app.models import User
    from tamis.app.services.acting import Actor

    kind("note", lambda actor, job, progress: {})
    edith = User.objects.create_user("edith")
    job = jobs.start(Actor("edith", "page", edith), "note")
    assert (jobs.mine(edith), jobs.announce(edith)) == (jobs.Mine(1, news=False), [])
    work.run_next(never)
    assert jobs.mine(edith) == jobs.Mine(0, news=True)
    assert jobs.announce(edith) == [job]
    assert (jobs.mine(edith), jobs.announce(edith)) == (jobs.Mine(0, news=False), [])


def test_how_long_it_took_is_between_its_start_and_its_end(kind, start):
    kind("nap", lambda actor, job, progress: time.sleep(0.01) or {})
    job = start("nap")
    work.run_next(never)
    assert again(job).created_at <= again(job).started_at < again(job).ended_at
