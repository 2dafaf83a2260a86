"""`fivestep completion`: what has a shell complete commands, options and names of files."""

from __future__ import annotations

import click

from fivestep.cli.frame import PROGRAM, Call, common

_ASKS = "_FIVESTEP_COMPLETE"
"""The variable by which a shell's script asks for what may come next; it is click's name for it."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common(config=False, as_of=False)
def completion(call: Call, shell: str) -> int:
    """The script by which a shell completes commands, options and names of files."""
    from click.shell_completion import get_completion_class

    completing = get_completion_class(shell)
    assert completing, "click knows each of these shells"
    commands = click.get_current_context().find_root().command
    script = completing(commands, {}, PROGRAM, _ASKS).source()
    if call.as_json:
        call.answer(lambda: {"shell": shell, "script": script}, list)
    else:
        click.echo(script)
    return 0
