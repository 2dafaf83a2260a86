"""Ten checks of the process, done by three libraries that check tables; each says how many rows are at fault.

1, 2. `E-mail` and `Owner e-mail` hold an address. 3. `Stage` is a stage of the process. 4, 5, 6. `In stage since`,
`Last contact` and `Expected close` hold a date (which is a number, as the API sends it). 7. `Amount` holds a number.
8, 9, 10. `Need`, `Budget` and `Decision maker` are filled in where the stage is Pitch, Objections or Closing.

Each begins where planning does, with the parsed values, but for frictionless, which reads the same table as a CSV.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ADDRESSES = ("E-mail", "Owner e-mail")
NUMBERS = ("In stage since", "Last contact", "Expected close", "Amount")
ANSWERS = ("Need", "Budget", "Decision maker")
BLANKS = ("", "?")
STAGES = ("Prospecting", "Qualification", "Pitch", "Objections", "Closing", "Won", "Lost")
QUALIFIED = ("Pitch", "Objections", "Closing")
ADDRESS = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"

Values = Sequence[Sequence[object]]
Checker = Callable[[], int]


def checkers(values: Values, folder: Path) -> Mapping[str, Checker]:
    """Each library's name and its checks, ready to be run. Writes the CSV into the folder."""
    file = folder / "deals.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(values)
    return {
        "pandera": with_pandera(values),
        "Great Expectations": with_great_expectations(values),
        "frictionless": with_frictionless(file),
    }


def with_pandera(values: Values) -> Checker:
    """The checks by pandera, on a data frame."""
    import pandas as pd
    import pandera.pandas as pa

    def is_number(column: Any) -> Any:
        return pd.to_numeric(column, errors="coerce").notna()

    def is_filled(header: str) -> pa.Check:
        return pa.Check(lambda frame: ~frame["Stage"].isin(QUALIFIED) | ~frame[header].isin(BLANKS), name=header)

    schema = pa.DataFrameSchema(
        {header: pa.Column(checks=pa.Check.str_matches(ADDRESS)) for header in ADDRESSES}
        | {header: pa.Column(checks=pa.Check(is_number)) for header in NUMBERS}
        | {"Stage": pa.Column(checks=pa.Check.isin(STAGES))},
        checks=[is_filled(header) for header in ANSWERS],
    )

    def check() -> int:
        try:
            schema.validate(_frame(values), lazy=True)
        except pa.errors.SchemaErrors as found:
            return int(found.failure_cases["index"].nunique())
        return 0

    return check


def with_great_expectations(values: Values) -> Checker:
    """The checks by Great Expectations, on a data frame."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batches = (
        context.data_sources.add_pandas("deals")
        .add_dataframe_asset("deals")
        .add_batch_definition_whole_dataframe("all")
    )
    qualified = Column("Stage").is_in(list(QUALIFIED))
    suite = gx.ExpectationSuite(
        "ten checks",
        expectations=[
            *(gxe.ExpectColumnValuesToMatchRegex(column=header, regex=ADDRESS) for header in ADDRESSES),
            *(gxe.ExpectColumnValuesToBeInTypeList(column=header, type_list=["int", "float"]) for header in NUMBERS),
            gxe.ExpectColumnValuesToBeInSet(column="Stage", value_set=list(STAGES)),
            *(
                gxe.ExpectColumnValuesToNotBeInSet(column=header, value_set=list(BLANKS), row_condition=qualified)
                for header in ANSWERS
            ),
        ],
    )

    def check() -> int:
        found = batches.get_batch({"dataframe": _frame(values)}).validate(suite, result_format="COMPLETE")
        return len({row for one in found.results for row in one.result["unexpected_index_list"]})

    return check


def with_frictionless(file: Path) -> Checker:
    """The checks by frictionless, on a CSV."""
    from frictionless import Checklist, Resource, Schema, checks, fields

    address = {"pattern": ADDRESS.strip("^$")}
    typed: dict[str, Any] = {header: fields.StringField(name=header, constraints=address) for header in ADDRESSES}
    typed |= {header: fields.NumberField(name=header) for header in NUMBERS}
    typed["Stage"] = fields.StringField(name="Stage", constraints={"enum": list(STAGES)})
    with file.open(encoding="utf-8", newline="") as stream:
        headers = next(csv.reader(stream))
    schema = Schema(fields=[typed.get(header) or fields.StringField(name=header) for header in headers])
    plain = {header: header.lower().replace(" ", "_") for header in (*ANSWERS, "Stage")}
    for field in schema.fields:
        field.name = plain.get(field.name, field.name)
    checklist = Checklist(
        checks=[
            checks.row_constraint(formula=f"stage not in {list(QUALIFIED)} or {plain[header]} not in [None, '', '?']")
            for header in ANSWERS
        ],
        pick_errors=["type-error", "constraint-error", "row-constraint"],
    )

    def check() -> int:
        report = Resource(path=file.name, basepath=str(file.parent), schema=schema).validate(
            checklist, limit_errors=1_000_000_000
        )
        return len({error.row_number for task in report.tasks for error in task.errors})

    return check


def _frame(values: Values) -> Any:
    import pandas as pd

    return pd.DataFrame(values[1:], columns=values[0])
