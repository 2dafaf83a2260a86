"""What a team's own past teaches: put together, learned at most once in four weeks, and kept in the ledger.

How anything is learned of a past is the matter of `fivestep.process.prognosis`.
"""
