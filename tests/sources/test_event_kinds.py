"""The registry of kinds is whole, and the reference says what it says."""

import re
from pathlib import Path

from tamis.lake.table import SCHEMA
from tamis.sources.event_kinds import BUILT_IN, BY_KEY, COLUMNS, KINDS, POINTS, TYPES

PAGE = Path(__file__).parents[2] / "docs/reference/lac.md"


def test_every_touch_point_and_segmentation_point_is_covered():
    assert {point for kind in KINDS for point in kind.points} == set(POINTS)


def test_kinds_speak_of_properties_that_exist():
    assert len(BUILT_IN) == len(KINDS)
    for kind in KINDS:
        own = set(kind.types)
        assert set(kind.properties) <= set(BY_KEY), kind.key
        assert set(kind.required) <= set(kind.properties) | own, kind.key
        assert not own & set(BY_KEY), kind.key


def test_every_known_property_is_a_column():
    for each in COLUMNS:
        assert each.type in TYPES
        assert each.key in SCHEMA.names


def test_the_reference_lists_the_kinds_of_the_code():
    rows = re.findall(r"^\| `([a-z_]+)` \| (.+?) \| (.+?) \| (.*?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    documented = {row[0]: (row[1], row[2], row[3]) for row in rows}
    assert documented == {
        kind.key: (
            str(kind.label),
            str(kind.phase.label),
            ", ".join(f"**{name}**" if name in kind.required else name for name in (*kind.properties, *kind.types)),
        )
        for kind in KINDS
    }


def test_the_reference_names_every_refusal_of_an_event():
    source = Path(__file__).parents[2] / "src/tamis/sources"
    code = "".join((source / name).read_text() for name in ("events.py", "event_values.py", "event_files.py"))
    known = set(
        re.findall(r'"((?:field|subject|identify|kind|ts|number|value|property|currency|event|line)\.[a-z]+)"', code)
    )
    assert known <= set(re.findall(r"`([a-z]+\.[a-z]+)`", PAGE.read_text(encoding="utf-8")))
