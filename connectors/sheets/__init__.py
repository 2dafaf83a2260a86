"""Sheets, a folder for each kind; `live` has the writing for those that people edit at the same time.

No kind of sheet knows another.
"""
