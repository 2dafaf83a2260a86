"""What a team's own past teaches: put together, learned once in four weeks, kept in the ledger.

How anything is learned of a past is the matter of `fivestep.process.prognosis`.
"""
