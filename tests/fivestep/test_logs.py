"""The log as JSON: one object a line, with what the event is about, and no secret in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.team import ROWS, make_team


def lines(folder: Path, *arguments: str, code: int = 0) -> tuple[list[dict[str, Any]], str]:
    """What a command logs, and what it prints."""
    command = [sys.executable, "-m", "fivestep", *arguments, "--log-format", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == code, done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()], done.stdout


@pytest.mark.slow
def test_a_run_leaves_a_line(tmp_path: Path) -> None:
    make_team(tmp_path)
    [line], printed = lines(tmp_path, "run", "--json", "--as-of", "2026-11-23")
    assert json.loads(printed)["run"] == 1
    assert line.keys() == {"time", "level", "logger", "message", "pipeline", "job", "run", "outcome", "counts"}
    assert {**line, "time": "", "counts": ""} == {
        "time": "",
        "level": "info",
        "logger": "fivestep.jobs.running.attempt",
        "message": "done: 10 written, 2 created",
        "pipeline": "team",
        "job": "follow_up",
        "run": 1,
        "outcome": "done",
        "counts": "",
    }
    assert line["counts"]["Follow up"] == 2


@pytest.mark.slow
def test_a_fault_is_a_line_as_well(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    lines(tmp_path, "run")
    team.write(ROWS[:1])
    logged, _ = lines(tmp_path, "run", code=5)
    assert [line["level"] for line in logged] == ["error"]
    assert "--allow-empty" in logged[0]["message"]


@pytest.mark.parametrize("command", ["check", "plan", "doctor", "history"])
def test_what_has_nothing_to_say_says_nothing(command: str, tmp_path: Path) -> None:
    make_team(tmp_path)
    assert lines(tmp_path, command)[0] == []


def test_secrets_are_left_out(tmp_path: Path) -> None:
    script = (
        "import logging; from fivestep import logs; logs.set_up(logging.INFO, as_json=True);"
        "log = logging.getLogger('fivestep.x')\n"
        "with logs.about(pipeline='p') as fields:\n"
        "    fields['run'] = 7\n"
        "    try:\n        raise ValueError('postgresql://a:hunter2@db/x')\n"
        "    except ValueError: log.exception('Bearer abcdefgh12345 was refused')\n"
        "log.info('after')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    first, after = map(json.loads, done.stderr.splitlines())
    assert (first["pipeline"], first["run"], first["message"]) == ("p", 7, "Bearer *** was refused")
    assert "hunter2" not in first["traceback"]
    assert "ValueError" in first["traceback"]
    assert "pipeline" not in after
