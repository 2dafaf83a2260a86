"""`fivestep ledger`: what is done to a ledger as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import fivestep
from fivestep.cli.frame import Call, common

if TYPE_CHECKING:
    from fivestep.cli.listing import Section
    from fivestep.connectors.database.copy_ledger import Copied


@click.group()
def ledger() -> None:
    """Copies the ledger to another database."""


@ledger.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@common(config=False, as_of=False)
def copy(call: Call, source: str, target: str) -> int:
    """Copies all of one ledger to another, by their URLs."""
    copied = fivestep.copy_ledger(source, target)
    call.answer(copied._asdict, lambda: [_section(copied)])
    return 0


def _section(copied: Copied) -> Section:
    from fivestep.cli.listing import Section
    from fivestep.process.wording.show import plural

    of_each = ", ".join(f"{rows:,} {table.replace('_', ' ')}" for table, rows in copied.rows.items() if rows)
    return Section(
        f"Copied {plural(len(copied.pipelines), 'pipeline')} from {copied.source} to {copied.target}, and compared: "
        f"{of_each}. Now name the new ledger under [ledger] url in the settings of each pipeline."
    )
