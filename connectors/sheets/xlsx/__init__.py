"""An `.xlsx` workbook as a sheet: read by calamine, written by changing the cells' own markup.

Everything else in the workbook stays byte for byte. New workbooks are made in `jobs.sample`, not here.
"""
