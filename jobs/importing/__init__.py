"""How `fivestep history import` reads what other systems export, and finds its deals in the sheet.

Each shape of a file has a reader; all of them give the same lines. Where the lines are kept is the ledger's affair.
"""
