"""Tests: each folder mirrors one of the house; `fakes` stands in for the outside world, `system` tries the whole."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""
