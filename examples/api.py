"""A morning by the Python API: what stands out, stage by stage; then the run, and the report beside the sheet.

    python examples/api.py FOLDER

The folder gets the sample pipeline; for one of your own, `load_settings("fivestep.toml")` takes the place of `demo`.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import fivestep
from fivestep.errors import FivestepError
from fivestep.process.model.plan import Verdict


def main(folder: Path) -> None:
    """Plan, run, report."""
    settings = fivestep.demo(folder)
    plan = fivestep.plan(settings)
    print(f"{plan.pipeline}, {plan.as_of}: {len(plan.verdicts)} deals, {len(plan.problems)} findings")
    late: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in plan.verdicts:
        if verdict.status == "Follow up":
            late[verdict.stage].append(verdict)
    for stage, verdicts in late.items():
        print(f"A word is due in {stage}:")
        for verdict in verdicts:
            print(f"  {verdict.name}: {verdict.reason}. {verdict.next_step}")
    try:
        report = fivestep.run(settings)
    except FivestepError as fault:  # its message says what to mend
        sys.exit(str(fault))
    print(f"Run {report.run}: {report.counts}")
    page = folder / "report.html"
    page.write_text(fivestep.report(settings), encoding="utf-8")
    print(f"The report: {page}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
