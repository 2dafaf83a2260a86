"""The day on which a deal came into its stage, as the stage's own column has it."""

from __future__ import annotations

import datetime as dt

from fivestep.process.model.deal import Deal
from fivestep.process.model.sales_process import Stage
from fivestep.process.wording.show import field_value


def day_in_sheet(deal: Deal, stage: Stage, today: dt.date) -> dt.date | None:
    """The day on which the stage began, by the stage's column; None where it is blank or in the future."""
    cell = field_value(deal, stage.date_field) if stage.date_field else None
    return cell if isinstance(cell, dt.date) and cell <= today else None
