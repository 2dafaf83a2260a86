"""Prints what CHANGELOG.md says of this version, as the release notes: `python release/notes.py [TAG]`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
VERSION = re.findall(r'^VERSION = "(.+)"$', (ROOT / "fivestep" / "version.py").read_text("utf-8"), re.MULTILINE)[0]


def notes(changelog: str, version: str) -> str:
    """The version's section, without its heading. Exits with a message where there is none, or nothing in it."""
    dated = re.search(rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d\n", changelog, re.MULTILINE)
    if dated is None:
        sys.exit(f'CHANGELOG.md has no "## {version} - YYYY-MM-DD": give what is under "Unreleased" that heading')
    said = re.split(r"^## ", changelog[dated.end() :], maxsplit=1, flags=re.MULTILINE)[0].strip()
    return said or sys.exit(f"CHANGELOG.md says nothing of {version}")


def tagged(tag: str) -> str:
    """The version that a tag names. Exits with a message where it is another one than the source's."""
    if tag != f"v{VERSION}":
        sys.exit(f"the tag is {tag}, and fivestep/version.py says {VERSION}: the tag must be v{VERSION}")
    return VERSION


if __name__ == "__main__":
    print(notes((ROOT / "CHANGELOG.md").read_text("utf-8"), tagged((sys.argv[1:] or [f"v{VERSION}"])[0])))
