"""Tamis: every trace a company leaves, sorted into segments, with the reason why."""

from importlib.metadata import version

__version__ = version("tamis")
