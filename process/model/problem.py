"""What is wrong with a deal or a cell, as data: a bad row never stops the others."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "info"]
"""`error`: the deal breaks a rule, or a cell can't be read. `warning`: look at it. `info`: still to be filled in."""


class Problem(NamedTuple):
    """One finding, and what mends it."""

    deal: str
    """The deal's ID; empty for a finding about the sheet as a whole."""
    row: int
    """The row as the sheet numbers it."""
    column: str
    """The header of the column in which it is mended; empty where no column is to blame."""
    rule: str
    """Such as `qualification.budget`, or `cell.date` for a cell that can't be read."""
    severity: Severity
    message: str
    fix: str
    """What to do in the sheet."""
    or_settings: str = ""
    """What could be done instead by whoever keeps the settings; it never stands in a cell."""
