"""`fivestep schema`: what editors need to complete and check the files that people write."""

from __future__ import annotations

import click

import fivestep
from fivestep.cli.frame import Call, common, echo_json


@click.command()
@click.argument("file", type=click.Choice(["settings", "process"]))
@common(config=False, as_of=False)
def schema(_call: Call, file: str) -> int:
    """The JSON Schema of the settings or of a process file, for editors."""
    echo_json(fivestep.schema("settings" if file == "settings" else "process"))
    return 0
