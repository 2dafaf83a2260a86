"""The contract suites: what every sheet, mailbox and ledger must do, wherever its code lives.

A connector's tests derive from a suite and say how to fill the thing under test; pytest does the rest. For a sheet over
records (the whole file):

    from fivestep.connectors.sheet import Sheet
    from fivestep.connectors.testing.sheet import Rows, SheetContract
    from my_crm import DealsSheet
    from my_crm_server import FakeCrm

    class TestDealsSheet(SheetContract):
        crm = FakeCrm()

        def fill(self, rows: Rows) -> Sheet:
            self.crm.hold(fields=rows[0], records=rows[1:])
            return DealsSheet(self.crm.address)

`SheetContract` supposes a header row and rows below it, and nothing about where they stand; `GridContract` is for
sheets in which any cell can be filled, with titles above the headers and formulas; `SheetFileContract` is for those
that are a file. `MailboxContract` and `LedgerContract` ask for a fixture. The suites need pytest, and that of mailboxes
hypothesis: `pip install "fivestep[testing]"`. Importing this package needs neither.
"""

from contextlib import suppress

with suppress(ImportError):
    import pytest

    # So that an `assert` in a suite says what it compared, as one in a test module does.
    pytest.register_assert_rewrite(
        "fivestep.connectors.testing.ledger", "fivestep.connectors.testing.mailbox", "fivestep.connectors.testing.sheet"
    )
