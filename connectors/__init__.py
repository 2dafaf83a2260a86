"""The outside world: sheets, mailboxes, the ledger.

The three protocols (`sheet`, `mailbox`, `ledger`) and the `registry` are all that somebody new has to read; each kind
has a folder of its own. Connectors touch and decide nothing: what is written or drafted comes from the plan.
"""
