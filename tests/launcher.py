"""Commands in processes of their own, forked from one that has imported the libraries already.

Most of what a short command costs is importing Django and its like, and a test run starts well over a thousand. Here a
process for each test worker imports what knows no setting, and forks for each command: a process of its own as before,
with its own environment and folder, that reads its settings, can be killed, and ends as Python ends. Nothing of Tamis
that reads the environment is imported ahead. Tests of servers, of several processes at once and of starting itself
start ``python`` plainly; so does everything where processes cannot be waited for by descriptor (only Linux can).
"""

import atexit
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

AHEAD = (
    "asyncio", "importlib.metadata", "click", "rich.console", "rich.table", "tldextract", "babel.numbers", "pydantic",
    "django.db.models.functions", "django.http", "django.core.serializers.json", "django.core.management",
    "django.template.backends.django", "django.forms", "django.db.backends.sqlite3.base",
    "django.db.backends.postgresql.base", "django.db.migrations.executor", "pyarrow.dataset", "pyarrow.parquet",
    "deltalake", "tamis.sources.events", "tamis.sources.event_files", "tamis.sources.lists", "tamis.sources.companies",
    "tamis.identity.match", "tamis.lake.append", "tamis.lake.read",
)  # fmt: skip
CAN_FORK = hasattr(os, "pidfd_open")


def run(
    arguments: Sequence[object], env: Mapping[str, str], cwd: Path | str | None = None, timeout: float = 300
) -> "subprocess.CompletedProcess[str]":
    """What ``python ARGUMENTS`` did, which begin with ``-m MODULE``, ``-c CODE`` or a script; nothing is on its stdin.

    Raises ``subprocess.TimeoutExpired``.
    """
    words = [*map(str, arguments)]
    if not CAN_FORK:
        env = {**env, "PYTHONPATH": str(Path(__file__).parent)}
        return subprocess.run([sys.executable, *words], env=env, cwd=cwd, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=timeout, check=False)  # fmt: skip
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, socket.socket(socket.AF_UNIX) as to:
        to.settimeout(timeout)
        to.connect(_launcher())
        asked = json.dumps({"words": words, "env": dict(env), "cwd": str(cwd or os.getcwd())}).encode()
        socket.send_fds(to, [len(asked).to_bytes(4, "big")], [out.fileno(), err.fileno()])
        to.sendall(asked)
        try:
            told = to.recv(4)
        except TimeoutError:
            raise subprocess.TimeoutExpired(words, timeout) from None
        said = [(file.seek(0), file.read().decode())[1] for file in (out, err)]
        return subprocess.CompletedProcess(words, int.from_bytes(told, "big", signed=True), *said)


@cache
def _launcher() -> str:
    """The address of this worker's launcher, which ends with it: it reads a pipe that nobody else holds open."""
    folder = tempfile.mkdtemp(prefix="tamis-launcher-")
    env = {name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE",)}
    env["PYTHONWARNINGS"] = "error::DeprecationWarning"
    process = subprocess.Popen([sys.executable, __file__, folder], env=env, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)  # fmt: skip
    assert process.stdout
    address = process.stdout.readline().decode().strip()
    assert address, "the launcher did not start"
    atexit.register(process.communicate)
    return address


class _Commands:
    """Takes requests and forks; in the forked process :meth:`next` answers with what to run."""

    def __init__(self, folder: str) -> None:
        import selectors

        self.folder, self.selector = folder, selectors.DefaultSelector()
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(f"{folder}/socket")
        self.listening.listen(16)
        self.selector.register(self.listening, selectors.EVENT_READ, self.fork)
        self.selector.register(sys.stdin, selectors.EVENT_READ, self.end)
        self.running: dict[int, tuple[int, socket.socket]] = {}
        self.wanted: dict[str, object] | None = None

    def next(self) -> dict[str, object]:
        """Wait, in the launcher, until it ends; in a command, what it is to do."""
        sys.stdout.write(f"{self.folder}/socket\n")
        sys.stdout.flush()
        while self.wanted is None:
            for key, _events in self.selector.select():
                key.data(key.fd)
                if self.wanted is not None:
                    break
        return self.wanted

    def fork(self, _fd: int) -> None:
        """Take a request: the length of its text with two open files, then the text."""
        import selectors

        to, _ = self.listening.accept()
        size, files, _flags, _from = socket.recv_fds(to, 4, 2)
        with to.makefile("rb") as text:
            asked = json.loads(text.read(int.from_bytes(size, "big")))
        if pid := os.fork():
            for each in files:
                os.close(each)
            ended = os.pidfd_open(pid)
            self.running[ended] = (pid, to)
            self.selector.register(ended, selectors.EVENT_READ, self.tell)
            return
        self.become(asked, files, to)

    def become(self, asked: dict[str, object], files: list[int], to: socket.socket) -> None:
        """Be a command: nothing of the launcher stays open."""
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, file in enumerate((nothing, *files)):
            os.dup2(file, number)
            os.close(file)
        self.selector.close()
        for each in (self.listening, to, *(other for _pid, other in self.running.values())):
            each.close()
        for ended in self.running:
            os.close(ended)
        self.wanted = asked

    def tell(self, ended: int) -> None:
        """Say how a command ended to the one who asked for it."""
        pid, to = self.running.pop(ended)
        self.selector.unregister(ended)
        os.close(ended)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with to:
            to.sendall(code.to_bytes(4, "big", signed=True))

    def end(self, _fd: int) -> None:
        """The tests are over, or were killed."""
        import shutil

        shutil.rmtree(self.folder, ignore_errors=True)
        os._exit(0)


def _run(asked: dict[str, object]) -> None:
    """What ``python`` does with these words."""
    import random
    import runpy
    import time

    words, env = asked["words"], asked["env"]
    assert isinstance(words, list)
    assert isinstance(env, dict)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(str(asked["cwd"]))
    time.tzset()
    random.seed()
    if words[0] == "-m":
        sys.argv = words[1:]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    elif words[0] == "-c":
        sys.argv = ["-c", *words[2:]]
        exec(compile(words[1], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = words
        sys.path[0] = str(Path(words[0]).parent)
        runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    import gc
    import importlib

    for name in AHEAD:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    _run(_Commands(sys.argv[1]).next())
