"""The whole test of a connector: the contract suite, and how people would fill the table."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from airtable_server import AirtableServer
from airtable_sheet import AirtableTable

from fivestep.connectors.sheet import Sheet
from fivestep.connectors.testing.sheet import Rows, SheetContract


class TestAirtableTable(SheetContract):
    @pytest.fixture(autouse=True)
    def _running(self, tmp_path: Path) -> Iterator[None]:
        (tmp_path / "airtable-token").write_text("secret")
        with AirtableServer(token="secret") as self.server:
            options = {"root": self.server.root, "per_second": 0}
            self.sheet = AirtableTable("appNorthwind", "Deals", tmp_path, options)
            yield

    def fill(self, rows: Rows) -> Sheet:
        self.server.hold("Deals", fields=rows[0], rows=rows[1:])
        return self.sheet
