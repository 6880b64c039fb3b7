"""Two hundred thousand lines: flat memory, while the console keeps answering and others keep working."""

import os
import re
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import pytest
from shells import TAMIS

SQLITE_CACHE = 65536  # kilobytes that the database may fill with pages, whatever the size of the file
HEADINGS = "Nom;SIREN;Domaine email;Website\n"


def list_file(shell, lines):
    text = HEADINGS + "".join(f"Société {n};;attend-{n}-exemple.fr;\n" for n in range(lines))
    return shell.file(f"list-{lines}.csv", text)


def import_measured(shell, name, file):
    """Import a file; the answer, and the peak of resident memory in kilobytes."""
    child = subprocess.Popen(
        [*TAMIS, "lists", "import", name, str(file), "--json"], env=shell.env, stdout=subprocess.PIPE, text=True
    )
    with child.stdout:
        out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    assert status == 0
    return out, usage.ru_maxrss


class Visitor:
    """Somebody who looks at the console with a browser's cookies."""

    def __init__(self, address):
        self.address = address
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path):
        with self.opener.open(self.address + path, timeout=60) as answer:
            return answer.status, answer.read().decode()

    def sign_in(self, name, password):
        _, page = self.get("/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        form = urllib.parse.urlencode({"username": name, "password": password, "csrfmiddlewaretoken": token})
        with self.opener.open(self.address + "/sign-in/", form.encode(), timeout=60) as answer:
            assert "/sign-in/" not in answer.url


@pytest.fixture
def served(bare_shell):
    """A console being served: the shell and a visitor who has signed in."""
    login = bare_shell.json("init")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([*TAMIS, "serve", "--port", str(port)], env=bare_shell.env, stderr=subprocess.DEVNULL)
    visitor = Visitor(f"http://127.0.0.1:{port}")
    try:
        for _ in range(100):
            try:
                visitor.get("/sign-in/")
                break
            except OSError:
                time.sleep(0.2)
        visitor.sign_in(login["username"], login["password"])
        yield bare_shell, visitor
    finally:
        server.terminate()
        server.wait(20)


@pytest.mark.long
@pytest.mark.soak
def test_memory_does_not_follow_the_file_and_the_console_keeps_answering(served):
    shell, visitor = served
    _, small = import_measured(shell, "client-default", list_file(shell, 20_000))
    answers, stop = [], threading.Event()

    def keep_looking():
        while not stop.is_set():
            answers.append(visitor.get("/")[0])
            time.sleep(0.1)

    looking = threading.Thread(target=keep_looking)
    looking.start()
    worked = []

    def keep_working():
        while not stop.is_set():
            worked.append(shell("companies", "add", f"name=Entreprise {len(worked)}").code)

    working = threading.Thread(target=keep_working)
    working.start()
    try:
        _, large = import_measured(shell, "client-default", list_file(shell, 200_000))
    finally:
        stop.set()
        looking.join()
        working.join()
    assert set(answers) == {200}
    assert len(answers) > 20
    assert set(worked) == {0}
    assert len(worked) > 5
    assert large - small < 3 * SQLITE_CACHE  # 132 MB measured in a worker of its own, half of them that cache
    assert shell.json("overview")["lines"] == 200_000
