"""README and tutorial tell the truth: their commands are run, and what they print is compared."""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import fivestep
from tests import ROOT

SKIPPED = "…"
"""A line of an example that stands for any number of lines."""

ELSEWHERE = {"make test", "pip install .", "fivestep --version"}
"""Commands that these tests don't run: pytest is what `make test` runs, and the house's tests build the package."""

_VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\d( at)?( \d\d:\d\d)?"), "DATE"),
    (re.compile(r"\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b( \d{4})?"), "DAY"),
    (re.compile(r"(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"), "WEEKDAY"),
    (re.compile(r"[\d,]+ MB are free in \S+"), "ROOM"),
    (re.compile(r"\s+"), " "),
)


class Example(NamedTuple):
    """One command of a page, and what the page says that comes back."""

    command: str
    shown: list[str]


def _page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _blocks(page: str, *kinds: str) -> Iterator[tuple[str, str]]:
    """The blocks of these kinds, in the page's order: kind and content, without the indent of a list's block."""
    for indent, kind, block in re.findall(r"^( *)```(\w+)\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL):
        if kind in kinds:
            yield kind, re.sub(rf"^{indent}", "", block, flags=re.MULTILINE)


def _examples(block: str) -> Iterator[Example]:
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


def _try(example: Example, folder: Path) -> None:
    """Do what the page says in this folder, and compare what is printed."""
    if example.command.startswith("cp "):
        _, source, target = shlex.split(example.command)
        shutil.copy(folder / source, folder / target)
    elif example.command in ELSEWHERE:
        assert not example.shown or example.command != "pip install ."
    else:
        command = "fivestep demo demo" if example.command == "make demo" else example.command
        _compare(example.shown, _run(command, folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a person's sheet and no settings."""
    fivestep.demo(tmp_path / "sample")
    (tmp_path / "sample" / "pipeline.xlsx").rename(tmp_path / "sales.xlsx")
    return tmp_path


@pytest.mark.slow
def test_every_example_of_the_readme_prints_what_it_shows(folder: Path) -> None:
    examples = [example for _, block in _blocks(_page("README.md"), "console") for example in _examples(block)]
    assert sum(bool(example.shown) for example in examples) >= 4
    for example in examples:
        _try(example, folder)


@pytest.mark.slow
def test_the_tutorial_leads_from_an_empty_folder_to_the_first_morning(tmp_path: Path) -> None:
    """Word for word: the commands in their order, and between them the lines of the settings that it has one change."""
    changed = 0
    for kind, block in _blocks(_page("docs/tutorial.md"), "console", "toml"):
        if kind == "console":
            for example in _examples(block):
                _try(example, tmp_path)
            continue
        settings = (tmp_path / "fivestep.toml").read_text("utf-8")
        for line in block.splitlines():
            assert f"\n# {line}" in settings, f"{line!r} is not in the file, to be put in force"
            settings = settings.replace(f"\n# {line}", f"\n{line}")
            changed += 1
        (tmp_path / "fivestep.toml").write_text(settings, "utf-8")
    assert changed == 1
    assert list((tmp_path / "drafts").glob("*.eml"))


def test_the_version_shown_is_that_of_today() -> None:
    [shown] = [e.shown for _, block in _blocks(_page("docs/tutorial.md"), "console") for e in _examples(block)
               if e.command == "fivestep --version"]  # fmt: skip
    assert shown == [f"fivestep {fivestep.__version__}"]


@pytest.mark.slow
def test_the_process_page_shows_how_to_begin_a_process(tmp_path: Path) -> None:
    fivestep.demo(tmp_path)
    [(_, block)] = _blocks(_page("docs/process.md"), "console")
    for example in _examples(block):
        _try(example, tmp_path)


def test_the_targets_named_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"^\$ make ([\w-]+)", _page("README.md") + _page("CONTRIBUTING.md"), re.MULTILINE)
    assert {"demo", "test"} <= set(named)
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"no target {target}"


def test_what_holds_everything_runs_the_tests_as_the_readme_does() -> None:
    steps = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert "make test" in steps


def test_the_readme_is_read_in_one_sitting() -> None:
    assert len(_page("README.md").splitlines()) <= 110


@pytest.mark.slow
def test_the_python_example_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [(_, example)] = _blocks(_page("docs/python.md"), "python")
    monkeypatch.chdir(folder / "sample")
    (folder / "sales.xlsx").rename("pipeline.xlsx")
    exec(compile(example, "python.md", "exec"), {"print": lambda *_: None})


def test_the_settings_shown_whole_are_valid(tmp_path: Path) -> None:
    whole = [block for _, block in _blocks(_page("docs/settings.md"), "toml") if "[pipeline]" in block]
    assert len(whole) == 2
    for shown in whole:
        (tmp_path / "fivestep.toml").write_text(shown, encoding="utf-8")
        assert fivestep.load_settings(tmp_path / "fivestep.toml").columns["stage"] == "Stage"


def test_the_picture_shows_the_sample_of_today(tmp_path: Path) -> None:
    day = dt.date(2026, 11, 23)
    plan = fivestep.plan(fivestep.demo(tmp_path, day), day)
    picture = _page("docs/pipeline.svg")
    words = re.sub(r"\W+", "", re.sub(r"<[^>]*>", " ", picture).replace("&#160;", " "))
    for verdict in plan.verdicts:
        for text in (verdict.deal, verdict.status):
            assert re.sub(r"\W+", "", text) in words, f"draw the picture anew: {text} is not in it"
    assert "http" not in re.sub(r"http://www\.w3\.org/\S+|https://www\.textualize\.io", "", picture)
