"""Mistakes in files that people edit: where, what was found, what belongs there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from fivestep.config.settings.mistakes import read_toml
from fivestep.errors import SettingsError
from tests.fakes.typed import typed


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    severity: Literal["error", "warning"] = "error"


class Stage(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    share: Annotated[float, Field(ge=0, le=1)] = 0
    rules: list[Rule] = []


class File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    stages: list[Stage]
    sender: Annotated[str | None, Field(alias="from")] = None
    options: dict[str, dict[str, str | int]] = {}


def mistakes(text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        typed(File, read_toml(text, "f.toml"), "f.toml")
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "f.toml: stages: is missing and must be given"),
        ("stages = 3", "f.toml: stages: found 3; must be a list in square brackets"),
        ("stages = []\nform = 'a'", "f.toml: form: found 'a'; there is nothing of this name here; did you mean from?"),
        ("stages = []\nfrom = true", "f.toml: from: found true; must be a text in quotes"),
        ("[[stages]]\nname = 'Pitch'\nshare = 2", "f.toml: stages.Pitch.share: found 2; must be 1 or less"),
        ("[[stages]]\nshare = 0.5", "f.toml: stages[1].name: is missing and must be given"),
        ("stages = ['Pitch']", "f.toml: stages[1]: found 'Pitch'; must be a table"),
        (
            "[[stages]]\nname = 'Pitch'\nX",
            "f.toml: end of document: not valid TOML: expected '=' after a key in a key/value pair",
        ),
        (
            "[[stages]]\nname = 'Pitch'\n[[stages.rules]]\nid = 'value'\nseverity = 'eror'",
            "f.toml: stages.Pitch.rules.value.severity: found 'eror'; must be 'error' or 'warning';"
            " did you mean error?",
        ),
        (
            "stages = []\n[options.a]\nb = [1]",
            "f.toml: options.a.b: found [1]; must be a text in quotes or a whole number",
        ),
        (
            "stages = []\nfrom = ['" + "x" * 99 + "']",
            "f.toml: from: found ['" + "x" * 57 + "…; must be a text in quotes",
        ),
    ],
)
def test_one_mistake(text: str, expected: str) -> None:
    assert mistakes(text) == [expected]


def test_all_mistakes_at_once() -> None:
    assert len(mistakes("from = 1\nx = 1\n[[stages]]\nname = 1\n[[stages]]\nname = 'B'\nshare = -1")) == 4


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        ("a = 1\nb = = 2", "line 2, column 5", "'b = = 2'"),
        ("a = [1,", "end of document", ""),
        ("a = 1\na = 2\nb = 1", "line 2, column 6", "'a = 2'"),
        ("\ufeffa = 1\r\n  b = = 2\r\n", "line 2, column 7", "'b = = 2'"),
    ],
)
def test_what_is_not_toml(text: str, place: str, found: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_toml(text, "f.toml")
    (mistake,) = caught.value.mistakes
    assert mistake.file == "f.toml"
    assert (mistake.place, mistake.found) == (place, found)
    assert mistake.expected.startswith("not valid TOML: ")


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_toml(text, "f.toml")
    except SettingsError as error:
        assert error.mistakes


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"nested too deeply|not valid TOML"):
        read_toml("a = " + "[" * 100_000, "f.toml")


@pytest.mark.parametrize(
    "content", [b'\xef\xbb\xbfa = "\xc3\xa9"\r\n', 'a = "é"\r\n'.encode("utf-16"), 'a = "é"'.encode()]
)
def test_files_as_windows_editors_save_them(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.toml").write_bytes(content)
    assert read_toml(tmp_path / "f.toml", "f.toml") == {"a": "é"}


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"a = 1\nb = '\xe9'")
    for path, message in [
        (tmp_path / "none", "is not there"),
        (tmp_path, "is a folder"),
        (tmp_path / "latin", "line 2: "),
    ]:
        with pytest.raises(SettingsError, match=message):
            read_toml(path, "f.toml")


LARGE = "is a number larger than any that makes sense here"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (f"[options.a]\nb = {'9' * 4301}", ["options.a.b"]),
        (f"[options.a]\nb = -{'9_9' * 3000}", ["options.a.b"]),
        (f"[options.a]\nb = 0x{'f' * 5000}\nc = 0o{'7' * 30}", ["options.a.b", "options.a.c"]),
        ("[options.a]\nb = 9223372036854775808", ["options.a.b"]),
        (f"[[stages]]\nname = 'x{'1' * 5000}'\nshare = {'1' * 5000}", None),
    ],
)
def test_a_number_that_is_larger_than_toml_has_them(text: str, places: list[str] | None) -> None:
    """However many digits it has: Python refuses to read, or to write, those with more than 4,300."""
    found = mistakes(text)
    assert all(one.endswith(LARGE) for one in found)
    assert places is None or [one.split(": ")[1] for one in found] == places


def test_the_largest_number_there_is() -> None:
    assert read_toml("a = 9223372036854775807\nb = -9223372036854775807", "f.toml")["a"] == 2**63 - 1
