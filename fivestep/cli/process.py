"""`fivestep process`: the sales process as a file of the team's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

import fivestep
from fivestep.cli.frame import Call, InOrder, common

if TYPE_CHECKING:
    from fivestep.cli.listing import Section
    from fivestep.jobs.new_process import NewProcess


@click.group(cls=InOrder)
def process() -> None:
    """The sales process as a file of your own."""


@process.command()
@common(as_of=False)
def new(call: Call) -> int:
    """Writes the built-in process beside the settings, for you to change."""
    written = fivestep.new_process(fivestep.load_settings(call.config))
    call.answer(lambda: _document(written), lambda: _sections(written))
    return 0


def _document(written: NewProcess) -> dict[str, object]:
    return {
        "file": str(written.file),
        "settings": written.settings,
        "add": None if written.named else _setting(written),
    }


def _sections(written: NewProcess) -> Iterator[Section]:
    from fivestep.cli.listing import Section

    known = f"{written.settings} names it already"
    ask = f"Name it in {written.settings}, or it does nothing:\n\n{_setting(written)}\n"
    yield Section(
        f"Written: {Path(written.settings).parent / written.name}",
        after="\n".join((
            f"{known}." if written.named else ask,
            "It is the built-in process, word for word. Change what you like: docs/process.md explains every line.",
            "Then: fivestep plan, which names every mistake and shows what comes of it.",
        )),
    )  # fmt: skip


def _setting(written: NewProcess) -> str:
    """What names the file in the settings, as TOML."""
    import json

    # A text in TOML is written as in JSON.
    return f"[process]\nfile = {json.dumps(written.name, ensure_ascii=False)}"
