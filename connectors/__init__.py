"""The outside world: sheets, mailboxes, the ledger.

The protocols (`sheet`, `mailbox`, `ledger`; `login` for a service at which people log in, `check` for what the doctor
looks at) and the `registry` are all that somebody new has to read; each kind has a folder of its own. Connectors touch
and decide nothing: what is written or drafted comes from the plan.
"""
