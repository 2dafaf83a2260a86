"""Whatever stands in the files: an answer or one clear message, and never a traceback."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fivestep.cli.commands import commands
from fivestep.cli.frame import call
from tests.fakes.team import SETTINGS

CODES = {0, 1, 2, 3, 4, 5, 6}
TEAM = SETTINGS.format(suffix="csv") + '\n[stages]\n"Talks" = "Pitch"\n\n[write_back]\nstatus = "State"\n'

CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "Pitch", "Won", "2026-10-02", "31/02/2025", "1e999", "NaN", "=HYPERLINK(1)", "#REF!", "\x00", "\ud7ff",
         "a@b.example", "a@b.example, c@d.example", "{{email}}", "\u202eabc", "9" * 400, "D-1",
         "٣", "TRUE", "𝟛", "\r\n"]
    ),
)  # fmt: skip
FREQUENT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def answer(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """The exit code and what was printed."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = call(commands, [*arguments, "--config", str(folder / "fivestep.toml")])
    return code, out.getvalue(), err.getvalue()


def must_answer(folder: Path, *arguments: str) -> None:
    """Call the command, with a document for an answer, and with nothing that looks like a defect."""
    code, out, err = answer(folder, *arguments, "--json")
    assert code in CODES, (code, err)
    assert "Traceback" not in out + err
    document = json.loads(out)
    assert isinstance(document, dict)
    assert document.get("error", {}).get("kind") != "defect", out


@pytest.mark.slow
@FREQUENT
@given(rows=st.lists(st.lists(CELLS, max_size=7), max_size=6))
def test_any_cells(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "fivestep.toml").write_text(TEAM, "utf-8")
        with (folder / "pipeline.csv").open("w", encoding="utf-8", errors="replace", newline="") as file:
            csv.writer(file).writerows([["Deal", "Stage", "E-mail", "Contact", "Since"], *rows])
        for command in ("check", "run", "undo"):
            must_answer(folder, command, "--as-of", "2026-11-23") if command != "undo" else must_answer(folder, command)


@pytest.mark.slow
@FREQUENT
@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-16"))))
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_any_bytes_for_a_sheet(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "fivestep.toml").write_text(TEAM.replace("pipeline.csv", f"pipeline.{suffix}"), "utf-8")
        (folder / f"pipeline.{suffix}").write_bytes(content)
        must_answer(folder, "plan", "--as-of", "2026-11-23")


@FREQUENT
@given(
    begin=st.integers(0, len(TEAM)),
    length=st.integers(0, 30),
    put=st.one_of(st.text(max_size=10), st.sampled_from(['"', "]", "=", "\n[x]\n", "true", "[[", "1979-05-27", "-1"])),
)
def test_any_damage_to_the_settings(begin: int, length: int, put: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        damaged = TEAM[:begin] + put + TEAM[begin + length :]
        (folder / "fivestep.toml").write_text(damaged, "utf-8", errors="replace")
        (folder / "pipeline.csv").write_text("Deal,Stage\nAcme,Pitch\n", "utf-8")
        must_answer(folder, "plan", "--as-of", "2026-11-23")


@FREQUENT
@given(content=st.binary(max_size=120))
def test_any_bytes_for_settings(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "fivestep.toml").write_bytes(content)
        must_answer(Path(name), "plan")
