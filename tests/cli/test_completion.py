"""`fivestep completion`, and what a shell makes of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.shell import Shell

SHELLS = ["bash", "zsh", "fish"]


def completed(script: str, line: str, folder: Path) -> list[str]:
    """What bash offers for the last word of a line, once it has read the script."""
    words = " ".join(f"'{word}'" for word in line.split(" "))
    last = len(line.split(" ")) - 1
    asked = (
        f'{script}\nCOMP_WORDS=({words}); COMP_CWORD={last}; _fivestep_completion fivestep; echo "${{COMPREPLY[@]}}"'
    )
    called = folder / "bin" / "fivestep"
    called.parent.mkdir(exist_ok=True)
    called.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fivestep "$@"\n')
    called.chmod(0o755)
    environment = {**os.environ, "PATH": f"{called.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", asked], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_bash_completes_commands_options_and_values(shell: Shell, tmp_path: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("bash can't be had here")
    script = shell("completion", "bash").out
    assert completed(script, "fivestep pl", tmp_path) == ["plan"]
    assert completed(script, "fivestep run --allow-e", tmp_path) == ["--allow-empty"]
    assert completed(script, "fivestep schedule --for k", tmp_path) == ["kubernetes"]
    assert completed(script, "fivestep process n", tmp_path) == ["new"]
    assert completed(script, "fivestep run --config-on", tmp_path) == []


@pytest.mark.parametrize("name", SHELLS)
def test_each_shell_has_a_script_of_its_own(name: str, shell: Shell) -> None:
    ended = shell("completion", name)
    assert (ended.code, ended.err) == (0, "")
    assert f"_FIVESTEP_COMPLETE={name}_complete" in ended.out
    assert shell("completion", name, "--json").document == {"shell": name, "script": ended.out.removesuffix("\n")}


def test_another_shell_is_refused_with_those_that_there_are(shell: Shell) -> None:
    ended = shell("completion", "powershell")
    assert ended.code == 2
    assert all(name in ended.err for name in SHELLS)
