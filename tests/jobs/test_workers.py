"""Workers as processes: several at once, killed at any moment, asked to stop, beside the console."""

import ctypes
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import launcher
import pytest
from cast import start_jobs as start
from interrupted import go, ran_to_its_end, waiting

HEADINGS = "Nom;SIREN;Domaine email;Website\n"
TAMIS = [sys.executable, "-m", "tamis"]


def companies_file(shell, count, name="base.csv"):
    lines = "".join(f"Entreprise {n};;;entreprise-{n}-exemple.fr\n" for n in range(count))
    return shell.file(name, HEADINGS + lines)


def states(shell):
    return {each["id"]: each["state"] for each in shell.json("jobs", "ls")}


def wait_for(condition, most=60):
    until = time.monotonic() + most
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.1)
    return pytest.fail("it never came")


def test_once_does_what_waits_and_stops(shell):
    [pk] = start(shell, "company-import", companies_file(shell, 3))
    assert shell.json("worker", "--once") == {"jobs": 1}
    shown = shell.json("jobs", "show", pk)
    assert (shown["state"], shown["result"]["created"], shown["file"]) == ("done", 3, "base.csv")
    assert shell.json("worker", "--once") == {"jobs": 0}


@pytest.mark.parametrize("n", [12, 30, 45, 60])
def test_killed_here_and_there_the_next_worker_finishes(shell, n):
    [pk] = start(shell, "company-import", companies_file(shell, 5))
    ended = ran_to_its_end(shell, n, "worker", "--once")
    shell("worker", "--once")
    assert states(shell) == {pk: "done"}
    assert shell.json("overview")["companies"] == 5
    assert shell.json("jobs", "show", pk)["result"]["lines"] == 5
    assert not ended or n > 40


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["company-import", "list-import"])
def test_killed_before_every_third_statement_and_around_commits(shell, kind):
    """After each death the next worker finishes the job, and everything is there once."""
    file = companies_file(shell, 5)
    expected = {"company-import": [5, 0], "list-import": [0, 5]}[kind]
    deaths = 0
    for n in itertools.count(1, 3):
        [pk] = start(shell, kind, file)
        ended = ran_to_its_end(shell, n, "worker", "--once")
        shell("worker", "--once")
        assert look(shell, pk) == ["done", 0, *expected], n
        if ended:
            break
        deaths += 1
    assert deaths > 10


LOOK = """
import json, sys
from tamis.cli.shell import django_ready
django_ready()
from tamis.app.models import Company, Job
from tamis.app.services.leases import held_leases
from tamis.app.services.lists import quota
print(json.dumps([Job.objects.get(pk=sys.argv[1]).state, len(held_leases("")), Company.objects.count(), quota()[0]]))
"""


def look(shell, pk):
    """A job's state, how many leases of the living there are, how many companies, how many lines in lists."""
    return json.loads(launcher.run(["-c", LOOK, pk], shell.env).stdout)


def test_three_workers_do_each_job_once(shell):
    started = start(shell, "company-rehearsal", companies_file(shell, 20), count=12)
    workers = [
        subprocess.Popen([*TAMIS, "worker", "--once"], env=shell.env, stdout=subprocess.DEVNULL) for _ in range(3)
    ]
    assert [worker.wait(120) for worker in workers] == [0, 0, 0]
    wait_for(lambda: shell.json("worker", "--once") and set(states(shell).values()) == {"done"})
    assert [shell.json("jobs", "show", pk)["result"]["again"] for pk in started] == [1] * 12


@pytest.mark.soak
def test_workers_killed_at_random_lose_nothing(shell):
    import random

    chance = random.Random(4)
    start(shell, "company-import", companies_file(shell, 3000), count=6)
    for _ in range(12):
        workers = [subprocess.Popen([*TAMIS, "worker"], env=shell.env, stderr=subprocess.DEVNULL) for _ in range(2)]
        time.sleep(chance.uniform(0.5, 3))
        for worker in workers:
            worker.kill()
            worker.wait(20)
    wait_for(lambda: shell("worker", "--once") and not shell.json("jobs", "ls", "--active"), most=180)
    assert set(states(shell).values()) <= {"done", "failed"}
    assert shell.json("overview")["companies"] == 3000


def test_asked_to_stop_it_puts_its_job_back(shell):
    [pk] = start(shell, "company-import", companies_file(shell, 1200))
    with waiting(shell, "tamis_company", "worker") as worker:
        worker.send_signal(signal.SIGTERM)
        assert go(worker) == 0
    shown = shell.json("jobs", "show", pk)
    assert (shown["state"], shell.json("overview")["companies"]) == ("queued", 500)
    shell("jobs", "cancel", pk)
    assert states(shell) == {pk: "cancelled"}


def test_a_running_import_is_cancelled_and_keeps_what_it_wrote(shell):
    [pk] = start(shell, "company-import", companies_file(shell, 1200))
    with waiting(shell, "tamis_company", "worker", "--once") as worker:
        shell("jobs", "cancel", pk)
        assert go(worker) == 0
    shown = shell.json("jobs", "show", pk)
    assert (shown["state"], shown["done"], shell.json("overview")["companies"]) == ("cancelled", 500, 500)


@pytest.fixture
def served(shell):
    """The console with its worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([*TAMIS, "serve", "--port", str(port)], env=shell.env, stderr=subprocess.DEVNULL)
    yield server
    server.kill()
    server.wait(20)


def worker_of(server):
    """The process of the worker beside a console, or none."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            state = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if b"worker" in command and str(server.pid).encode() in command and state[0] != "Z":
            return int(folder.name)
    return None


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")


@needs_proc
def test_the_console_has_a_worker_that_is_started_again_and_ends_with_it(shell, served):
    first = wait_for(lambda: worker_of(served))
    os.kill(first, signal.SIGKILL)
    second = wait_for(lambda: (found := worker_of(served)) != first and found)
    [pk] = start(shell, "company-import", companies_file(shell, 3))
    wait_for(lambda: states(shell)[pk] == "done")
    served.terminate()
    served.wait(30)
    assert not Path(f"/proc/{second}").exists()


def children_of(server):
    """The processes that a console started and that are at work."""
    stats = {folder.name: _stat(folder) for folder in Path("/proc").glob("[0-9]*")}
    return {pid for pid, (state, parent) in stats.items() if parent == str(server.pid) and state != "Z"}


def _stat(folder):
    try:
        return (folder / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return ["Z", "0"]


def alive(pids):
    """Those of the processes that have not ended."""
    return {pid for pid in pids if _stat(Path("/proc", pid))[0] != "Z"}


def servers_of(server):
    """The two processes that serve a console's pages."""
    worker = wait_for(lambda: worker_of(server))
    return wait_for(lambda: len(found := children_of(server) - {str(worker)}) == 2 and found)


@needs_proc
@pytest.mark.parametrize("which", ["console", "server"])
def test_whoever_is_told_to_end_ends_even_when_another_of_its_threads_is_told(served, which):
    one = min(servers_of(served))
    tokio = wait_for(lambda: [each for each in threads_of(one) if "tokio" in (each / "comm").read_text()])
    told = tokio[0] if which == "server" else threads_of(served.pid)[0]
    assert ctypes.CDLL(None).tgkill(int(told.parts[2]), int(told.name), signal.SIGTERM) == 0
    wait_for(lambda: served.poll() is not None)  # without one of its servers a console ends as well


def threads_of(pid):
    """The threads of a process, but its main one, that the kernel may hand the signal to."""
    others = [each for each in Path(f"/proc/{pid}/task").iterdir() if each.name != str(pid)]
    return [each for each in others if not _blocked(each) & 1 << signal.SIGTERM - 1]


def _blocked(thread):
    """The signals that a thread has said not to take."""
    return int(re.search(r"^SigBlk:\s+(\w+)$", (thread / "status").read_text(), re.M)[1], 16)


@needs_proc
def test_a_server_that_hears_nothing_does_not_keep_its_console_from_ending(served):
    both = servers_of(served)
    os.kill(int(min(both)), signal.SIGSTOP)
    served.terminate()
    served.wait(60)
    wait_for(lambda: all(_stat(Path("/proc", pid))[0] == "Z" for pid in both))


@needs_proc
def test_a_console_that_is_killed_takes_its_worker_and_its_server_along(served):
    wait_for(lambda: worker_of(served))
    began = wait_for(lambda: len(found := children_of(served)) == 3 and found)  # the worker, two that serve
    served.kill()
    served.wait(20)
    wait_for(lambda: not alive(began))


def test_a_worker_refuses_a_workspace_that_is_not_there(bare_shell):
    ran = bare_shell("worker", "--once", ok=False)
    assert ran.code == 2
    assert "tamis init" in ran.err


def test_what_is_not_there_is_told(shell):
    ran = shell("jobs", "show", 7, ok=False)
    assert (ran.code, "Aucun travail n° 7" in ran.err) == (1, True)
    assert shell("jobs", "cancel", 7, ok=False).code == 1
    assert shell.json("jobs", "ls") == []
