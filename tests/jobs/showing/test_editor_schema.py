"""What an editor is told of the files that people write: the schemas, and where it finds them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

import fivestep
from fivestep.config.sales_process.load import BUILT_IN_PROCESS
from fivestep.errors import SettingsError
from fivestep.jobs.showing.editor_schema import Described
from tests import ROOT
from tests.fakes.shell import Shell

SMALLEST = '[pipeline]\nsheet = "deals.csv"\n'
SMALLEST_PROCESS = 'name = "Ours"\n[[stages]]\nname = "First"\n'


def mistakes(described: Described, toml: str) -> list[str]:
    """What an editor marks in this text, by where it is."""
    validator = Draft7Validator(fivestep.schema(described))
    return [error.json_path for error in validator.iter_errors(tomllib.loads(toml))]


@pytest.mark.parametrize("described", ["settings", "process"])
def test_it_is_a_schema(described: Described) -> None:
    Draft7Validator.check_schema(fivestep.schema(described))


@pytest.mark.parametrize("described", ["settings", "process"])
def test_it_says_something_of_every_value(described: Described) -> None:
    assert [place for place, said in values(described) if not said] == []


def values(described: Described) -> Iterator[tuple[str, str]]:
    """Every value that the schema knows, with its description; a table has its own."""
    schema = fivestep.schema(described)
    for table, defined in {"": schema, **schema["definitions"]}.items():
        for name, value in defined["properties"].items():
            found = schema["definitions"][value["$ref"].rpartition("/")[2]] if "$ref" in value else value
            yield f"{table}.{name}", value.get("description") or found.get("description", "")


def examples(page: str) -> list[str]:
    """The settings and parts of them that a page shows."""
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)
    return [block if "[pipeline]" in block else SMALLEST + block for block in blocks]


def test_nothing_is_marked_in_settings_that_are_right(tmp_path: Path) -> None:
    fivestep.demo(tmp_path)
    shown = examples("settings.md")
    assert len(shown) >= 4
    for toml in [SMALLEST, *shown, (tmp_path / "fivestep.toml").read_text("utf-8")]:
        assert mistakes("settings", toml) == [], toml


def test_nothing_is_marked_in_a_process_that_is_right() -> None:
    for file in (BUILT_IN_PROCESS, ROOT / "examples" / "own_process.toml"):
        assert mistakes("process", file.read_text("utf-8")) == [], file


@pytest.mark.parametrize(
    ("said", "marked"),
    [
        ("[drafts]\nperrun = 3\n", "$.drafts"),
        ('[drafts]\nper_run = "many"\n', "$.drafts.per_run"),
        ("[drafts]\nper_run = -1\n", "$.drafts.per_run"),
        ('[columns]\nown_field = "Ours"\nemail = 3\n', "$.columns.email"),
        ('[google]\nlogin = "passport"\n', "$.google.login"),
        ('[imap]\npassword = "secret"\n', "$.imap"),
        ('[imap.people."ben@northwind.example"]\nhots = "imap.northwind.example"\n',
         "$.imap.people['ben@northwind.example']"),
        ("[colunms]\n", "$"),
        ('base = "/"\n', "$"),
    ],
)  # fmt: skip
def test_what_a_run_refuses_in_settings_is_marked(said: str, marked: str, tmp_path: Path) -> None:
    toml = said + SMALLEST
    assert mistakes("settings", toml) == [marked]
    with pytest.raises(SettingsError):
        fivestep.load_settings(tmp_path / "fivestep.toml", toml)


@pytest.mark.parametrize(
    ("said", "marked"),
    [
        ("stall_afer = 3\n", "$.stages[0]"),
        ("stall_after = 0\n", "$.stages[0].stall_after"),
        ('kind = "parked?"\n', "$.stages[0].kind"),
        ('[[stages.rules]]\nid = "Big One"\nfield = "amount"\nwhen = "true"\nmessage = "m"\nfix = "f"\n',
         "$.stages[0].rules[0].id"),
    ],
)  # fmt: skip
def test_what_a_run_refuses_in_a_process_is_marked(said: str, marked: str) -> None:
    assert mistakes("process", SMALLEST_PROCESS) == []
    assert mistakes("process", SMALLEST_PROCESS + said) == [marked]


def schema_beside(file: Path) -> Any:
    """The schema that the file's first line names, as an editor finds it."""
    first = file.read_text("utf-8").splitlines()[0]
    return json.loads((file.parent / first.removeprefix("#:schema ")).read_text("utf-8"))


def test_an_editor_finds_it_beside_what_init_writes(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Deal,Stage,Amount\nPress hall,Prospecting,1200\n")
    (tmp_path / "fivestep.schema.json").write_text("of an earlier version")
    assert shell("init", "deals.csv").code == 0
    assert schema_beside(tmp_path / "fivestep.toml") == fivestep.schema("settings")
    assert mistakes("settings", (tmp_path / "fivestep.toml").read_text("utf-8")) == []


def test_an_editor_finds_it_beside_a_new_process(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "ways").mkdir()
    (tmp_path / "deals.csv").write_text("Deal,Stage\nPress hall,Prospecting\n")
    own = '[columns]\nstage = "Stage"\n[process]\nfile = "ways/ours.toml"\n'
    (tmp_path / "fivestep.toml").write_text(SMALLEST + own)
    assert shell("process", "new").code == 0
    assert schema_beside(tmp_path / "ways" / "ours.toml") == fivestep.schema("process")
    assert shell("plan").code == 0


def test_one_that_can_not_be_written_is_named(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Deal,Stage\nPress hall,Prospecting\n")
    (tmp_path / "fivestep.schema.json").mkdir()
    ended = shell("init", "deals.csv")
    assert ended.code == 2
    assert "fivestep.schema.json can't be written: Is a directory" in ended.err


def test_the_command_prints_it(shell: Shell) -> None:
    for described in ("settings", "process"):
        assert shell("schema", described).document == fivestep.schema(described)
        assert shell("schema", described, "--json").document == fivestep.schema(described)
