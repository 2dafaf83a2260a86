"""The README tells the truth: its commands are run, and what they print is compared."""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import fivestep
from tests import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SKIPPED = "…"
"""A line of the README that stands for any number of lines."""

_VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\d( at)?( \d\d:\d\d)?"), "DATE"),
    (re.compile(r"\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b( \d{4})?"), "DAY"),
    (re.compile(r"(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"), "WEEKDAY"),
    (re.compile(r"[\d,]+ MB are free in \S+"), "ROOM"),
    (re.compile(r"\s+"), " "),
)


class Example(NamedTuple):
    """One command of the README, and what it says that comes back."""

    command: str
    shown: list[str]


def _examples() -> Iterator[Example]:
    for block in re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = part.rstrip().splitlines()
            yield Example(command, shown)


def _normal(line: str) -> str:
    for pattern, word in _VOLATILE:
        line = pattern.sub(word, line)
    return line.strip()


def _run(command: str, folder: Path) -> list[str]:
    """What the command prints in a pipe; `fivestep` is the one under test, whatever is installed."""
    words = shlex.split(command)
    assert words[0] == "fivestep"
    done = subprocess.run(
        [sys.executable, "-m", "fivestep", *words[1:]], cwd=folder, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode in {0, 1}, done.stderr.decode()
    return done.stdout.decode().splitlines()


def _compare(shown: list[str], printed: list[str]) -> None:
    """Each shown line follows the one before it, at once or, after a `…`, later."""
    rest = [_normal(line) for line in printed]
    anywhere = False
    for line in map(_normal, shown):
        if line == SKIPPED:
            anywhere = True
            continue
        assert line in rest, f"{line!r} is not printed (any more)"
        at = rest.index(line)
        assert anywhere or at == 0, f"before {line!r} it prints {rest[:at]}"
        rest, anywhere = rest[at + 1 :], False
    assert anywhere or not any(rest), f"it goes on with {rest[:3]}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a person's sheet and no settings."""
    folder = tmp_path_factory.mktemp("readme")
    fivestep.demo(folder / "demo")
    (folder / "demo" / "pipeline.xlsx").rename(folder / "sales.xlsx")
    return folder


@pytest.mark.slow
def test_every_example_prints_what_it_shows(folder: Path) -> None:
    examples = list(_examples())
    assert sum(bool(example.shown) for example in examples) >= 4
    for command, shown in examples:
        if command.startswith("fivestep "):
            _compare(shown, _run(command, folder))
        elif command == "make demo":
            _compare(shown, _run("fivestep demo demo", folder))
        else:
            assert command in {"make test", "pip install ."}
            assert not shown or command == "make test"


def test_the_targets_named_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^\$ make (\w+)", README + (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"no target {target}"


@pytest.mark.slow
def test_the_python_example_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    fivestep.demo(folder / "python")
    monkeypatch.chdir(folder / "python")
    exec(compile(example, "README.md", "exec"), {"print": lambda *_: None})


def test_the_settings_shown_are_valid(tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```toml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    (tmp_path / "fivestep.toml").write_text(shown, encoding="utf-8")
    assert fivestep.load_settings(tmp_path / "fivestep.toml").columns["stage"] == "Stage"


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))],
                         ids=lambda page: page.name)  # fmt: skip
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link


def test_the_picture_shows_the_sample_of_today(tmp_path: Path) -> None:
    day = dt.date(2026, 11, 23)
    plan = fivestep.plan(fivestep.demo(tmp_path, day), day)
    picture = (ROOT / "docs" / "pipeline.svg").read_text(encoding="utf-8")
    words = re.sub(r"\W+", "", re.sub(r"<[^>]*>", " ", picture).replace("&#160;", " "))
    for verdict in plan.verdicts:
        for text in (verdict.deal, verdict.status):
            assert re.sub(r"\W+", "", text) in words, f"draw the picture anew: {text} is not in it"
    assert "http" not in re.sub(r"http://www\.w3\.org/\S+|https://www\.textualize\.io", "", picture)
