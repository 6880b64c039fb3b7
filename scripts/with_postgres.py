"""Run a command with a PostgreSQL server of its own: ``with_postgres.py pytest ...``.

The server lives in a temporary folder, listens on a Unix socket there and nowhere else, and ends with the command.
PostgreSQL refuses to run as root, so root hands it to the user ``postgres``, else ``nobody``. Without PostgreSQL on the
machine the command is not run: it says so and how to get it (exit code 0, so that the other tests still count).
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def main(command: list[str]) -> int:
    initdb = _program("initdb")
    if initdb is None:
        print("PostgreSQL is not installed: its tests were skipped (apt-get install postgresql).", flush=True)
        return 0
    folder = Path(tempfile.mkdtemp(prefix="tamis-pg-"))
    user = _user()
    try:
        _start(initdb, folder, user)
        _run([str(initdb.with_name("createdb")), "-h", str(folder), "-U", "tamis", "tamis"], user)
        url = f"postgresql://tamis@{str(folder).replace('/', '%2F')}/tamis"
        return subprocess.call(command, env=os.environ | {"TAMIS_DATABASE_URL": url})
    finally:
        _run(
            [str(initdb.with_name("pg_ctl")), "-D", str(folder / "data"), "-m", "immediate", "stop"], user, check=False
        )
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> Path | None:
    found = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    if newest := max(found, key=lambda path: int(path.parts[4].split(".")[0]), default=None):
        return newest
    on_path = shutil.which(name)
    return Path(on_path).resolve() if on_path else None


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _start(initdb: Path, folder: Path, user: str | None) -> None:
    if user:
        shutil.chown(folder, user)
        folder.chmod(0o755)
    data = folder / "data"
    _run([str(initdb), "-D", str(data), "-U", "tamis", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"], user)
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off"
    pg_ctl, log = str(initdb.with_name("pg_ctl")), str(folder / "log")
    _run([pg_ctl, "-D", str(data), "-w", "-o", options, "-l", log, "start"], user)


def _run(command: list[str], user: str | None, check: bool = True) -> None:
    # A server that inherits our pipes would keep them open after us: its output goes to its log file.
    subprocess.run(command, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, check=check)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
