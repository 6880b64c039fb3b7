"""``tamis serve`` as a user would run it, for as long as a test wants it."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest


@contextmanager
def serving(env: dict[str, str]) -> Iterator[str]:
    """A served console on a free port; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tamis", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/sign-in/", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(60)


def _wait(address: str, server: "subprocess.Popen[bytes]", most: float = 90) -> None:
    until = time.monotonic() + most
    while time.monotonic() < until and server.poll() is None:
        try:
            urlopen(address, timeout=10).close()
            return
        except OSError:  # not listening yet, or the first page takes its time
            time.sleep(0.1)
    pytest.fail(f"{address} does not answer")
