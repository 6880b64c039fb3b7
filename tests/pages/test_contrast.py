"""Every pair of colours that carries text is readable, in light and in dark: WCAG 2.2, criterion 1.4.3 (AA)."""

import re
from pathlib import Path

import pytest

import tamis.app

CSS = (Path(tamis.app.__file__).parent / "static" / "tamis.css").read_text(encoding="utf-8")
REFERENCE = (Path(__file__).parents[2] / "docs" / "reference" / "apparence.md").read_text(encoding="utf-8")
SEGMENTS = (
    "interne", "concurrent", "client", "distributeur", "prospect", "partenaire", "hors-cible", "fournisseur", "autre",
)  # fmt: skip
GROUNDS = ("paper", "sheet", "sunk")
TEXT = [
    *((ink, ground) for ink in ("ink", "soft", "accent") for ground in GROUNDS),
    *((ink, f"{ink}-tint") for ink in ("good", "bad", "warn", "accent")),
    *((ink, "sheet") for ink in ("good", "bad", "warn", "lock-ink")),
    *((ink, "lock-tint") for ink in ("ink", "soft", "accent", "lock-ink", "bad")),
    ("bad", "paper"), ("accent-ink", "accent"), ("ink", "accent-tint"),
]  # fmt: skip
DRAWN = [*((f"seg-{each}", ground) for each in SEGMENTS for ground in ("sheet", "paper")), ("line-strong", "sheet")]
"""Dots, bars and the edges of what can be pressed: 3 is enough for a drawing (criterion 1.4.11)."""


def _tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


def _schemes() -> dict[str, dict[str, str]]:
    light = _tokens(CSS[: CSS.index("@media")])
    dark = CSS[CSS.index("@media (prefers-color-scheme: dark)") :]
    return {"light": light, "dark": light | _tokens(dark[: dark.index("\n}\n")])}


SCHEMES = _schemes()


def _luminance(colour: str) -> float:
    """The relative luminance of a colour, as WCAG 2.2 defines it."""
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(scheme: str, one: str, other: str) -> float:
    low, high = sorted(_luminance(SCHEMES[scheme][name]) for name in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_twenty_one() -> None:
    SCHEMES["plain"] = {"black": "#000000", "white": "#ffffff"}
    assert _contrast("plain", "black", "white") == pytest.approx(21)
    del SCHEMES["plain"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_is_readable(scheme: str, ink: str, ground: str) -> None:
    assert _contrast(scheme, ink, ground) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("drawn", "ground"), DRAWN)
def test_what_is_drawn_stands_out(scheme: str, drawn: str, ground: str) -> None:
    assert _contrast(scheme, drawn, ground) >= 3


@pytest.mark.parametrize("segment", SEGMENTS)
def test_the_reference_gives_the_colours_and_figures_of_the_segments(segment: str) -> None:
    cells = [
        cell
        for scheme in ("light", "dark")
        for cell in (f"`{SCHEMES[scheme]['seg-' + segment]}`", f"{_contrast(scheme, f'seg-{segment}', 'sheet'):.1f}")
    ]
    assert f"| {segment} | {' | '.join(cells)} |" in REFERENCE


def test_the_reference_gives_the_figures_of_texts() -> None:
    for ink, ground in (
        ("ink", "sheet"),
        ("soft", "sunk"),
        ("accent", "sunk"),
        ("bad", "bad-tint"),
        ("warn", "warn-tint"),
    ):
        light, dark = (f"{_contrast(scheme, ink, ground):.1f}" for scheme in ("light", "dark"))
        assert f"| `--{ink}` sur `--{ground}` | {light} | {dark} |" in REFERENCE
