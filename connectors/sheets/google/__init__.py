"""A tab of a Google spreadsheet as a sheet, through gspread.

Reading, and the calls that write; the looks before and after a write are in `sheets.live`.
"""
