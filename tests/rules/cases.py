"""Case files: rules asked about a small world, with the answer worked out by hand and where it comes from.

A file is TOML::

    now = 2026-06-15T10:00:00Z          # when the rules are asked
    world = "workshops"                 # tests/rules/worlds/workshops.toml, or the world itself in [world]

    [world.companies.1]                 # as in rules.world
    city = "Lyon"

    [[case]]
    rule = 'companies where city = "LYON"'
    ids = [1]                           # the numbers of all whom the rule holds for
    source = "Meaning 3"                # the line of docs/reference/rules.md, or how it was worked out
    now = 2026-06-15T10:00:00Z          # only where it differs

Expected numbers are never made by running anything. Every engine and the oracle answer every case (test_cases.py).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from rules.world import World, moment, read_world

HERE = Path(__file__).parent
DEFAULT_NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
_SAYS = {"rule", "ids", "source", "now"}


@dataclass(frozen=True)
class Case:
    """A rule, when it is asked, and who answers it."""

    file: str
    number: int
    rule: str
    ids: frozenset[int]
    source: str
    now: datetime

    @property
    def name(self) -> str:
        return f"{self.file}-{self.number}"


@dataclass(frozen=True)
class CaseFile:
    """The cases about one world."""

    name: str
    world: World
    cases: tuple[Case, ...]


@cache
def case_files(folder: Path = HERE / "cases") -> tuple[CaseFile, ...]:
    """Every case file of a folder, in the order of their names. Raises ``ValueError`` where one is malformed."""
    return tuple(read_case_file(path) for path in sorted(folder.glob("*.toml")))


def read_case_file(path: Path) -> CaseFile:
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    if said.keys() - {"now", "world", "case"}:
        raise ValueError(f"{path.name}: {said.keys()}")
    given = said.get("world", {})
    world = shared_world(given) if isinstance(given, str) else read_world(given)
    cases = [_case(path.stem, number, each, said, world) for number, each in enumerate(said["case"], 1)]
    return CaseFile(path.stem, world, tuple(cases))


@cache
def shared_world(name: str) -> World:
    return read_world(tomllib.loads((HERE / "worlds" / f"{name}.toml").read_text(encoding="utf-8")))


def _case(file: str, number: int, said: Mapping[str, Any], whole: Mapping[str, Any], world: World) -> Case:
    if said.keys() - _SAYS or not said["source"]:
        raise ValueError(f"{file}, case {number}: {said.keys()}")
    now = moment(said.get("now", whole.get("now", DEFAULT_NOW)), world.zone)
    return Case(file, number, said["rule"].strip(), frozenset(said["ids"]), said["source"], now)
