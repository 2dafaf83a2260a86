"""The contract of sheets, for a file of JSON."""

import json
from pathlib import Path

import pytest
from json_sheet import JsonSheet

from fivestep.connectors.sheet import Sheet
from fivestep.connectors.testing.sheet import GridContract, Rows


class TestJsonSheet(GridContract):
    @pytest.fixture(autouse=True)
    def _in_a_folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def fill(self, rows: Rows) -> Sheet:
        (self.folder / "deals.json").write_text(json.dumps(rows), "utf-8")
        return JsonSheet("deals.json", None, self.folder, {})
