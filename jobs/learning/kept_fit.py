"""What was learned of a past, as the ledger keeps it from one run to the next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter, ValidationError

from fivestep.connectors.ledger import Ledger
from fivestep.process.model.prognosis import Prognosis
from fivestep.process.model.sales_process import Process

_MEMO = "limits"

StageShapes = tuple[tuple[str, str, bool], ...]
"""Name and kind of each stage, and whether it is parked: what was learned for others no longer holds."""


@dataclass(frozen=True)
class KeptFit:
    """What was learned, and the stages for which."""

    stages: StageShapes
    prognosis: Prognosis


def shapes_of(process: Process) -> StageShapes:
    """The stages of a process, as far as learning depends on them."""
    return tuple((stage.name, stage.kind, stage.parked) for stage in process.stages.values())


def kept_fit(ledger: Ledger, pipeline: str, process: Process) -> Prognosis | None:
    """What was learned last for these stages; None where nothing was, or where it can't be read any more."""
    text = ledger.recall(pipeline, _MEMO)
    if not text:
        return None
    try:
        kept = _adapter().validate_json(text)
    except ValidationError:
        return None
    return kept.prognosis if kept.stages == shapes_of(process) else None


def keep_fit(ledger: Ledger, pipeline: str, process: Process, prognosis: Prognosis) -> None:
    """Keep what was learned for the runs to come."""
    ledger.remember(pipeline, _MEMO, _adapter().dump_json(KeptFit(shapes_of(process), prognosis)).decode())


def forget_fit(ledger: Ledger, pipeline: str) -> None:
    """Have the next run learn anew: the past is another than it was."""
    ledger.remember(pipeline, _MEMO, "")


@cache
def _adapter() -> TypeAdapter[KeptFit]:
    return TypeAdapter(KeptFit)
