"""A program in which audiences live, run in processes of its own: killed at its steps, or two side by side."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import launcher
from shells import Shell

Holds = Callable[[dict[str, Any]], None]
"""Fails unless what must hold does, of what the program told."""


@dataclass(frozen=True)
class Lived:
    """A program of ``tests/`` by its file's name, its home, and what must hold whatever happened to it."""

    shell: Shell
    program: str
    holds: Holds

    @property
    def file(self) -> Path:
        return Path(__file__).parents[1] / self.program

    def told(self) -> dict[str, Any]:
        """What it tells of itself, after one more refresh."""
        told: dict[str, Any] = json.loads(self._run("tell"))
        self.holds(told)
        return told

    def killed(self, steps: Iterable[int]) -> int:
        """Kill a round at each of these steps, until one ends unharmed; how often it died."""
        self._run("make")
        deaths = 0
        for round, step in enumerate(steps):
            ended = self._run("round", step, round) is not None
            self.told()
            deaths += not ended
            if ended:
                break
        return deaths

    def side_by_side(self, rounds: int) -> dict[str, Any]:
        """So many rounds of each of two processes at once; what there is then."""
        self._run("make")
        commands = ([sys.executable, str(self.file), "rounds", str(n), str(rounds)] for n in (1, 2))
        workers = [subprocess.Popen(each, env=self.shell.env, stderr=subprocess.PIPE, text=True) for each in commands]
        said = [worker.communicate(timeout=900)[1] for worker in workers]
        assert [worker.returncode for worker in workers] == [0, 0], said
        return self.told()

    def _run(self, verb: str, step: int = 0, round: int = 0) -> Any:
        """What the program said, or ``None`` when it was killed."""
        done = launcher.run([self.file, verb, step, round], self.shell.env)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        return done.stdout if done.returncode == 0 else None
