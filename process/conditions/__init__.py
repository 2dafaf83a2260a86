"""The small language of the process file: `amount > 10000 and not proposal_sent`.

A condition is checked and compiled here; what it is used for is in `process.judging`.
"""
