"""A run that is killed between any two calls, or within one: what it had written is there, and nothing by halves."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fivestep.connectors.database.ledger import SqlLedger
from fivestep.connectors.testing.ledger import MONDAY, NAME
from fivestep.errors import BusyError
from tests import ROOT

# Each begins processes.
pytestmark = pytest.mark.slow

STEPS = """
import sys, time
from fivestep.connectors.database.ledger import SqlLedger
from fivestep.connectors.testing.ledger import MONDAY, NAME, at, change, draft, run_of, sighting

def here():
    print("here", flush=True)
    sys.stdin.readline()

ledger = SqlLedger(sys.argv[1])
lock = ledger.lock(NAME)
lock.__enter__()
here()
run = run_of(ledger, changes=[change("Won")], seen=[sighting("D-1", "Won")])
here()
ledger.intend(NAME, run, draft(), "token", "drafts/", MONDAY, at(MONDAY))
here()
ledger.settle(NAME, draft().key, "created", MONDAY, "id-7")
here()
ledger.record_changes(run, ["written"])
here()
ledger.finish(run, "done", at(MONDAY), {"written": 1})
here()
"""

ENDLESS = """
import sys
from fivestep.connectors.database.ledger import SqlLedger
from fivestep.connectors.testing.ledger import change, run_of, sighting

ledger = SqlLedger(sys.argv[1])
names = [f"D-{number}" for number in range(3_000)]
print("here", flush=True)
while True:
    cells = [change("Won", deal=name) for name in names]
    run = run_of(ledger, changes=cells, seen=[sighting(name, "Won") for name in names])
    ledger.record_changes(run, ["written"] * len(cells))
"""


@contextmanager
def child(script: str, url: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", script, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(process: subprocess.Popen[str], times: int = 1) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(times):
        if number:
            process.stdin.write("\n")
            process.stdin.flush()
        assert process.stdout.readline() == "here\n"


def known(ledger: SqlLedger) -> list[object]:
    """What a ledger says after each of the steps above."""
    past = ledger.history(NAME, MONDAY).deals.get("D-1")
    drafts = [(draft.record.state, draft.draft_id) for draft in ledger.open_drafts(NAME)]
    runs = ledger.runs(NAME)
    cells = [record.outcome for run in runs for record in ledger.changes(run.id)]
    return [[run.outcome for run in runs], cells, past and past.written, drafts]


AFTER = [
    [[], [], None, []],
    [["open"], ["planned"], {"Status": ("Won",)}, []],
    [["open"], ["planned"], {"Status": ("Won",)}, [("intended", "")]],
    [["open"], ["planned"], {"Status": ("Won",)}, [("created", "id-7")]],
    [["open"], ["written"], {"Status": ("Won",)}, [("created", "id-7")]],
    [["done"], ["written"], {"Status": ("Won",)}, [("created", "id-7")]],
]


@pytest.mark.parametrize("step", range(len(AFTER)))
def test_killed_between_two_calls(tmp_path: Path, step: int) -> None:
    url = f"sqlite:///{tmp_path / 'fivestep.db'}"
    with child(STEPS, url) as process:
        wait_for(process, step + 1)
        with pytest.raises(BusyError), SqlLedger(url).lock(NAME):
            pass
    ledger = SqlLedger(url)
    with ledger.lock(NAME):
        assert known(ledger) == AFTER[step]
    ledger.close()


@pytest.mark.parametrize("moment", [0.05, 0.15, 0.25, 0.4, 0.6])
def test_killed_within_a_call(tmp_path: Path, moment: float) -> None:
    url = f"sqlite:///{tmp_path / 'fivestep.db'}"
    with child(ENDLESS, url) as process:
        wait_for(process)
        time.sleep(moment)
    ledger = SqlLedger(url)
    deals = ledger.history(NAME, MONDAY).deals
    runs = ledger.runs(NAME, limit=1_000)
    assert len(deals) == (3_000 if runs else 0)
    assert {len(past.entries) for past in deals.values()} <= {len(runs)}
    for run in runs:
        outcomes = [record.outcome for record in ledger.changes(run.id)]
        assert len(outcomes) == 3_000
        assert len(set(outcomes)) == 1
    ledger.close()


def test_first_openers_at_the_same_time_all_get_in(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'fivestep.db'}"
    script = (
        "import sys; from fivestep.connectors.database.ledger import SqlLedger; "
        "from fivestep.connectors.testing.ledger import MONDAY, at; print('here', flush=True); sys.stdin.readline(); "
        "SqlLedger(sys.argv[1]).begin(sys.argv[1], 'run', MONDAY, at(MONDAY), plan=None, changes=())"
    )
    with child(script, url) as one, child(script, url) as two, child(script, url) as three:
        everyone = (one, two, three)
        for process in everyone:
            wait_for(process)
        assert [process.communicate("\n") and process.returncode for process in everyone] == [0, 0, 0]
    assert len(SqlLedger(url).runs(url)) == 3
