"""A team with two owners, of whom one is the lead: who is told what in a digest."""

from __future__ import annotations

from pathlib import Path

import fivestep
from tests.fakes.team import Team, make_team

ROWS = [
    ["Deal", "Stage", "E-mail", "Contact", "Since", "Owner", "Owner e-mail", "Amount"],
    ["Acme", "Pitch", "kim@acme.example", "Kim Lee", "2026-10-02", "Ana Sommer", "ana@northwind.example", "100"],
    ["Bolt", "Qualification", "lou@bolt.example", "Lou Roth", "2026-10-26", "Ben Okafor", "ben@northwind.example", ""],
    ["Cask", "Lost", "max@cask.example", "Max Orr", "2026-11-20", "Ben Okafor", "", "50"],
]
"""A stalled deal of each owner, and one that was lost this week; one cell of Ben's address is blank."""

COLUMNS = 'owner = "Owner"\nowner_email = "Owner e-mail"\namount = "Amount"\n'

ANA, BEN = "ana@northwind.example", "ben@northwind.example"

KEYS = [f"digest/2026-W48/lead/{ANA}", f"digest/2026-W48/owner/{ANA}", f"digest/2026-W48/owner/{BEN}"]


def make_digest_team(folder: Path, more: str = "") -> Team:
    """The team in an empty folder; `more` goes to the end of its settings."""
    team = make_team(folder)
    team.write(ROWS)
    file = folder / "fivestep.toml"
    text = file.read_text("utf-8").replace("[columns]\n", f"[columns]\n{COLUMNS}")
    file.write_text(f"{text}\n{more}", "utf-8")
    return Team(fivestep.load_settings(file))
