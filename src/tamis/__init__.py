"""Tamis: every trace a company leaves, sorted into segments, with the reason why."""

from typing import Any


def __getattr__(name: str) -> Any:
    """``__version__``, looked up when somebody asks: it takes as long as all else that a bare command imports."""
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import version

    return version("tamis")
