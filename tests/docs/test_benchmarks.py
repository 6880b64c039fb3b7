"""Benchmarks at a size that says nothing about speed: that they still run, and that their answers agree."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = (
    "rules --contacts 2000 --runs 1 --no-pandas --no-growth", "refreshes --contacts 2000 --runs 1 --share 0.01",
    "refreshes --contacts 2000 --runs 1 --share 0.01 --together 3", "lake --events 20000 --seconds 1",
)  # fmt: skip


@pytest.mark.soak
@pytest.mark.sqlite_only
def test_benchmarks_still_run() -> None:
    """One after another: they share what they make."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "TAMIS_"))}
    for each in BENCHMARKS:
        command = [sys.executable, "-m", *f"bench.{each}".split()]
        ran = subprocess.run(
            command, cwd=Path(__file__).parents[2], env=env, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{each}\n{ran.stdout}{ran.stderr}"
