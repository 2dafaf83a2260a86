"""What `fivestep login` says and asks. All of it goes to standard error, but for the result."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fivestep.cli.listing import Row, Section

if TYPE_CHECKING:
    from fivestep.config.settings.model import Settings
    from fivestep.connectors.login import LoginReport

_MEANING = {
    "spreadsheets": "read the sheet, and write the tool's columns",
    "gmail.compose": "make drafts",
    "gmail.readonly": "read who wrote last, conversations, signatures, and what became of drafts",
}


def settings(config: Path | None) -> Settings:
    """The settings to log in for."""
    from fivestep.jobs.login import login_settings

    return login_settings(config, os.environ)


def tell_page(*, elsewhere: bool) -> Callable[[str], None]:
    """What a person is told about the page to open; `elsewhere`: in a browser on another machine."""

    def told(page: str) -> None:
        click.echo(f"Open this page, and log in:\n\n{page}\n", err=True)
        if elsewhere:
            click.echo(
                "In the end the browser shows that a page on localhost can't be reached. That is right: copy the whole "
                "address from its address bar.",
                err=True,
            )

    return told


def ask(question: str) -> str:
    """What a person types."""
    answer: str = click.prompt(question, err=True)
    return answer


def login_document(report: LoginReport) -> dict[str, object]:
    """The result as JSON."""
    return {
        "account": report.account,
        "token": None if report.file is None else str(report.file),
        "granted": list(report.granted),
        "missing": list(report.missing),
        "share_with": report.share_with,
    }


def login_sections(report: LoginReport) -> Iterator[Section]:
    """What is granted, and what to do next."""
    rows = [
        *(Row(("granted", _meaning(scope)), "done") for scope in report.granted),
        *(Row(("left out", _meaning(scope)), "warning") for scope in report.missing),
    ]
    who = report.account or "Logged in"
    where = f": the login is kept in {report.file}" if report.file else ""
    after = f"Share the sheet with {report.share_with} as an Editor." if report.file is None else ""
    yield Section(f"{who}{where}", ("", "What for"), rows, after)


def _meaning(scope: str) -> str:
    name = scope.rstrip("/").rsplit("/", 1)[-1]
    return f"{_MEANING[name]} ({name})" if name in _MEANING else scope
