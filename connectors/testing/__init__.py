"""The contract suites: what every sheet, mailbox and ledger must do, for connectors of other packages too.

A test module makes its connector in a fixture and inherits the suite.
"""
