"""From cells to deals: headers, the place of the table, and one reader for each kind of cell.

A cell that can't be read becomes a problem and never an exception; what a deal's values mean is in `process.judging`.
"""
