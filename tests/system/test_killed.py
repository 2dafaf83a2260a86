"""A run that is killed at any point is finished by the next one, as if nothing had happened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.digest_team import KEYS, make_digest_team
from tests.fakes.team import ROWS, make_team

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork to kill a process at many points in little time"),
]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_run_killed_at_any_point_leaves_nothing_twice_and_nothing_undone(tmp_path: Path, suffix: str) -> None:
    folder = tmp_path / "team"
    folder.mkdir()
    team = make_team(folder, suffix)
    team.write([*ROWS, ROWS[1]])  # two rows that nothing tells apart

    results = killed(folder, "run")

    assert len(results["whole"]["drafts"]) == 2
    assert len(results["killed"]) > 40
    assert results["whole"]["left over"] == []
    assert results["different"] == []


def test_a_digest_killed_at_any_point_is_drafted_once(tmp_path: Path) -> None:
    folder = tmp_path / "team"
    folder.mkdir()
    make_digest_team(folder)

    results = killed(folder, "digest")

    assert [key for key, *_ in results["whole"]["drafts"]] == KEYS
    assert len(results["killed"]) > 30
    assert results["whole"]["left over"] == []
    assert results["different"] == []


def killed(folder: Path, work: str) -> Any:
    """What the killer of runs has to say."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fakes.killer", str(folder), work],
        capture_output=True, text=True, check=False, timeout=580,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
