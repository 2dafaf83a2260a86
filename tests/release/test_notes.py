"""The release notes are what the changelog says of the version, and a tag names the version of the source."""

from __future__ import annotations

import runpy

import pytest

from tests import ROOT

SCRIPT = runpy.run_path(str(ROOT / "release" / "notes.py"))
CHANGELOG = """\
# Changelog

## Unreleased

## 0.2.0 - 2027-03-01

### Added

- `fivestep` can do more.

## 0.1.0 - 2026-12-01

## 0.0.9 - 2026-11-01

- The first one.
"""


def test_a_versions_section_is_taken_without_its_heading() -> None:
    assert SCRIPT["notes"](CHANGELOG, "0.2.0") == "### Added\n\n- `fivestep` can do more."
    assert SCRIPT["notes"](CHANGELOG, "0.0.9") == "- The first one."


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("0.3.0", 'CHANGELOG.md has no "## 0.3.0 - YYYY-MM-DD": give what is under "Unreleased" that heading'),
        ("0.2", 'CHANGELOG.md has no "## 0.2 - YYYY-MM-DD"'),
        ("0.1.0", "CHANGELOG.md says nothing of 0.1.0"),
    ],
)
def test_one_that_is_not_told_of_is_no_release(version: str, said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        SCRIPT["notes"](CHANGELOG, version)


def test_a_tag_of_another_version_is_no_release() -> None:
    version = SCRIPT["VERSION"]
    assert SCRIPT["tagged"](f"v{version}") == version
    with pytest.raises(SystemExit, match=f"the tag must be v{version}"):
        SCRIPT["tagged"]("v0.0.0")


def test_the_changelog_is_one_that_can_be_released() -> None:
    """What is under `Unreleased` today, under the heading that a release gives it."""
    today = (ROOT / "CHANGELOG.md").read_text("utf-8").replace("## Unreleased\n", "## 9.9.9 - 2030-01-01\n")
    assert SCRIPT["notes"](today, "9.9.9").startswith("### ")
