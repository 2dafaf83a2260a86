"""`fivestep process new`, as a person would call it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import fivestep
from fivestep.config.sales_process.load import BUILT_IN_PROCESS
from fivestep.errors import SettingsError
from tests.fakes.shell import Shell

SETTINGS = '[pipeline]\nsheet = "deals.csv"\n[columns]\ndeal = "Deal"\nstage = "Stage"\n'


@pytest.fixture
def team(shell: Shell, tmp_path: Path) -> Shell:
    """A shell in a folder with settings and a sheet."""
    (tmp_path / "fivestep.toml").write_text(SETTINGS)
    (tmp_path / "deals.csv").write_text("Deal,Stage\nPress hall,Prospecting\n")
    return shell


def test_the_copy_changes_nothing_until_it_is_changed(team: Shell, tmp_path: Path) -> None:
    before = team("plan", "--json").document
    ended = team("process", "new")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Written: process.toml\n")
    first, rest = (tmp_path / "process.toml").read_bytes().split(b"\n", 1)
    assert first == b"#:schema ./fivestep-process.schema.json"
    assert rest == BUILT_IN_PROCESS.read_bytes()
    asked = '[process]\nfile = "process.toml"'
    assert f"\n\n{asked}\n\n" in ended.out

    (tmp_path / "fivestep.toml").write_text(f"{SETTINGS}{asked}\n")
    assert team("plan", "--json").document == before
    own = (tmp_path / "process.toml").read_text("utf-8").replace('name = "Prospecting"', 'name = "Looking"')
    (tmp_path / "process.toml").write_text(own, "utf-8")
    ended = team("plan")
    assert ended.code == 2
    assert "Prospecting" in ended.err


def test_a_file_that_is_there_is_left_alone(team: Shell, tmp_path: Path) -> None:
    (tmp_path / "process.toml").write_text("mine")
    ended = team("process", "new")
    assert ended.code == 2
    assert f"{tmp_path / 'process.toml'} is there already, and stays as it is" in ended.err
    assert (tmp_path / "process.toml").read_text() == "mine"


def test_a_name_that_the_settings_give_it_is_its_name(team: Shell, tmp_path: Path) -> None:
    (tmp_path / "fivestep.toml").write_text(f'{SETTINGS}[process]\nfile = "our way.toml"\n')
    ended = team("process", "new")
    assert ended.out.startswith("Written: our way.toml\nfivestep.toml names it already.\n")
    assert team("plan").code == 0
    assert not (tmp_path / "process.toml").exists()


def test_it_lies_beside_the_settings_wherever_they_are(team: Shell, tmp_path: Path) -> None:
    (tmp_path / "north").mkdir()
    (tmp_path / "fivestep.toml").rename(tmp_path / "north" / "sales.toml")
    document = team("process", "new", "--config", "north/sales.toml", "--json").document
    assert document["file"] == str(tmp_path / "north" / "process.toml")
    assert document["settings"] == "north/sales.toml"
    assert tomllib.loads(document["add"]) == {"process": {"file": "process.toml"}}
    assert (tmp_path / "north" / "process.toml").is_file()


def test_without_settings_it_says_how_to_begin(shell: Shell, tmp_path: Path) -> None:
    ended = shell("process", "new")
    assert ended.code == 2
    assert "fivestep init" in ended.err
    assert not (tmp_path / "process.toml").exists()


def test_by_the_python_api(team: Shell, tmp_path: Path) -> None:
    settings = fivestep.load_settings(tmp_path / "fivestep.toml")
    written = fivestep.new_process(settings)
    assert (written.file, written.name, written.named) == (tmp_path / "process.toml", "process.toml", False)
    with pytest.raises(SettingsError, match="is there already"):
        fivestep.new_process(settings)


def test_a_folder_that_is_not_there_is_named(team: Shell, tmp_path: Path) -> None:
    (tmp_path / "fivestep.toml").write_text(f'{SETTINGS}[process]\nfile = "gone/process.toml"\n')
    ended = team("process", "new")
    assert ended.code == 2
    assert "gone/process.toml can't be written: No such file or directory" in ended.err
