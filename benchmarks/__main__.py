"""Prints how fast and how lean planning is, as ratios measured in one run. `README.md` says how to read them."""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.checkers import checkers
from benchmarks.google import LATENCY, Drafts, Team, google, hold_back
from benchmarks.memory import memory_ratio
from benchmarks.pipeline import as_sent, table
from benchmarks.planning import load_planner, remembered, written
from benchmarks.rounds import ROUNDS, Spread, interleaved, ratio, spread
from benchmarks.startup import per_start, starts
from benchmarks.workbook import writers
from benchmarks.workers import paces
from fivestep.jobs.running.pipeline import without_garbage_collection
from fivestep.process.model.history import History
from tests.fakes.postgres import postgres, programs

_ROWS = 100_000
_SIZES_AT_GOOGLE = (100, 10_000, 100_000)
_DRAFTS = 200
_SIZES = (1_000, 10_000, 100_000, 500_000)


class Line(NamedTuple):
    """One line of what is printed."""

    what: str
    measured: Spread
    aim: str
    note: str = ""
    unit: str = "x"


def main() -> None:
    """Measure everything, and print each part as soon as it is known."""
    print(f"{_ROWS:,} deals of 20 columns, 3 % of them bad; medians of {ROUNDS} interleaved rounds")
    print(f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}\n")
    print(f"{'':60} {'median':>9} {'min':>9} {'max':>9}   aim")
    with tempfile.TemporaryDirectory() as folder:
        for part in (_planning, _memory, _growth, _startup, _workbook, _google, _workers):
            for line in part(Path(folder)):
                _show(line)


def _planning(folder: Path) -> Iterator[Line]:
    """Planning beside `json.loads` and beside other checkers."""
    planner, nothing = load_planner(), History()
    sent = as_sent(table(_ROWS))
    values = json.loads(sent)["values"]
    plan = planner.plan(values, nothing)
    sent_again = as_sent(written(values, plan))
    values_again, history = json.loads(sent_again)["values"], remembered(plan)
    peers = checkers(values, folder)
    taken = interleaved(
        {
            "json": lambda: json.loads(sent),
            "json uncollected": lambda: _uncollected(sent),
            "first": lambda: planner.plan(values, nothing),
            "json again": lambda: json.loads(sent_again),
            "again": lambda: planner.plan(values_again, history),
            **peers,
        }
    )
    wrong = len({problem.row for problem in plan.problems if problem.severity == "error"})
    cells = f"{len(plan.changes):,} cells to write, {wrong:,} rows at fault"
    yield Line("json.loads", spread(taken["json"]), "", f"{len(sent) / 1e6:.0f} MB", "s")
    yield Line("planning, first run", spread(taken["first"]), "", cells, "s")
    yield Line("planning, first run / json.loads", ratio(taken["first"], taken["json"]), "at most 4")
    yield Line("planning, first run / json.loads, collector off", ratio(taken["first"], taken["json uncollected"]), "")
    changes = f"{len(planner.plan(values_again, history).changes):,} cells to write"
    yield Line("planning, no change", spread(taken["again"]), "", changes, "s")
    yield Line("planning, no change / json.loads", ratio(taken["again"], taken["json again"]), "at most 4")
    for name, check in peers.items():
        yield Line(f"ten checks by {name}", spread(taken[name]), "", f"{check():,} rows at fault", "s")
        yield Line(f"planning, first run / {name}", ratio(taken["first"], taken[name]), "below 1")


def _uncollected(sent: str) -> object:
    with without_garbage_collection():
        return json.loads(sent)


def _memory(folder: Path) -> Iterator[Line]:
    answer = folder / "answer.json"
    answer.write_text(as_sent(table(_ROWS)), encoding="utf-8")
    measured = [memory_ratio(answer) for _ in range(ROUNDS)]
    found = [one for one in measured if one is not None]
    if found:
        values, planning = spread([one[0] for one in found]), spread([one[1] for one in found])
        note = f"{planning.median / 1e6:.0f} MB, the values among them / {values.median / 1e6:.0f} MB"
        yield Line("memory, first run / values", ratio([p for _, p in found], [v for v, _ in found]), "at most 3", note)


def _growth(_folder: Path) -> Iterator[Line]:
    planner, nothing = load_planner(), History()
    tables = {rows: json.loads(as_sent(table(rows)))["values"] for rows in _SIZES}

    def plan(rows: int) -> None:
        for _ in range(max(1, _ROWS // rows)):
            planner.plan(tables[rows], nothing)

    works = {f"{rows:,}": lambda rows=rows: plan(rows) for rows in _SIZES}
    taken = {
        name: [seconds / max(rows, _ROWS) * 1e6 for seconds in one]
        for rows, (name, one) in zip(_SIZES, interleaved(works).items(), strict=True)
    }
    base = taken[f"{_ROWS:,}"]
    for name, one in taken.items():
        yield Line(f"a row among {name} / among {_ROWS:,}", ratio(one, base), "about 1", f"{spread(one).median:.1f} µs")


def _startup(_folder: Path) -> Iterator[Line]:
    taken = {name: [per_start(one) * 1000 for one in all_] for name, all_ in interleaved(starts()).items()}
    yield Line("fivestep --help", spread(taken["help"]), "below 150 ms", unit="ms")
    yield Line("fivestep --help / python -c pass", ratio(taken["help"], taken["python"]), "")


def _workbook(folder: Path) -> Iterator[Line]:
    taken = interleaved(writers(table(_ROWS), folder), rounds=1)
    seconds = " / ".join(f"{one[0]:.1f} s" for one in taken.values())
    yield Line(
        ".xlsx, three columns written / by openpyxl",
        ratio(taken["connector"], taken["openpyxl"]),
        "below 1",
        f"{seconds}, one round",
    )


def _google(folder: Path) -> Iterator[Line]:
    """Calls, bytes and seconds of whole runs against the local Google server."""
    with google() as root:
        for rows in _SIZES_AT_GOOGLE:
            team = Team(root, folder / f"google-{rows}", rows)
            first, again = team.traffic(), team.traffic()
            calls = f"{first.reads} reads, {first.writes} writes, {first.megabytes:.1f} MB; no change: "
            calls += f"{again.reads} reads, {again.writes} writes, {again.megabytes:.1f} MB"
            taken = interleaved({"run": team.run, "gspread": team.fetch}, rounds=3)
            yield Line(f"run on {rows:,} rows, no change / gspread alone", ratio(taken["run"], taken["gspread"]),
                       "at most 3", calls)  # fmt: skip
            hold_back(root, LATENCY)
            taken = interleaved({"run": team.run, "gspread": team.fetch}, rounds=3)
            hold_back(root, 0)
            yield Line(f"the same, answers held back by {LATENCY} s each", ratio(taken["run"], taken["gspread"]), "")
        drafts = Drafts(Team(root, folder / "google-drafts", 10, to="gmail"), _DRAFTS)
        taken = interleaved({"batches": drafts.in_batches, "single": drafts.one_by_one}, rounds=3)
        seconds = f"{spread(taken['batches']).median:.2f} s / {spread(taken['single']).median:.2f} s"
        what = f"{_DRAFTS} drafts in batches / one call for each"
        yield Line(what, ratio(taken["batches"], taken["single"]), "below 1", seconds)


def _workers(folder: Path) -> Iterator[Line]:
    """Many pipelines on one, two and four workers; one round."""
    if programs() is None:
        return
    with google() as root, postgres() as server:
        found, processor = paces(root, server, folder / "workers", (1, 2, 4))
    yield Line("a run's processor time", Spread(processor, processor, processor), "",
               f"Google's answers are held back by {LATENCY} s each", "s")  # fmt: skip
    for count in (2, 4):
        gain, note = found[count] / found[1], f"{found[count]:.1f} / {found[1]:.1f} pipelines a minute"
        yield Line(f"pipelines with {count} workers / one", Spread(gain, gain, gain), f"near {count}", note)


def _show(line: Line) -> None:
    figures = " ".join(f"{_figure(value, line.unit):>9}" for value in line.measured)
    print(f"{line.what:60} {figures}   {line.aim:14} {line.note}".rstrip(), flush=True)


def _figure(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}"


if __name__ == "__main__":
    main()
