"""Signals, which ask a process to stop, are heard for as long as somebody listens, and no longer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from fivestep.connectors.system import stopping

ASKING = [signal.SIGTERM, signal.SIGINT]


@pytest.mark.parametrize("number", ASKING)
def test_it_is_heard_inside_the_block_and_not_after_it(number: signal.Signals) -> None:
    heard: list[str] = []
    before = signal.getsignal(number)
    with stopping.when_asked(lambda: heard.append("stop")):
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
    assert heard == ["stop", "stop"]
    assert signal.getsignal(number) is before


def test_it_is_let_go_of_where_something_fails() -> None:
    before = {number: signal.getsignal(number) for number in ASKING}
    with pytest.raises(ValueError, match="wrong"), stopping.when_asked(lambda: None):
        raise ValueError("wrong")
    assert {number: signal.getsignal(number) for number in ASKING} == before


def test_on_windows_a_child_is_asked_by_ctrl_break() -> None:
    """With the names that Python has there: what is sent is what is heeded, and Ctrl-C is kept from the child."""
    program = """
        import signal, subprocess
        signal.SIGBREAK, signal.CTRL_BREAK_EVENT, subprocess.CREATE_NEW_PROCESS_GROUP = 21, 1, 512
        from fivestep.connectors.system import child, stopping
        print(stopping.ASKS, child._OWN_GROUP, [int(number) for number in stopping._STOPS])
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    assert done.stdout.split(maxsplit=2) == ["1", "512", f"[{int(signal.SIGTERM)}, 21]\n"]
