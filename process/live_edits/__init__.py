"""Finds rows and columns again in a sheet that people edit, and decides what to repair after a write.

Two pictures of a tab go in; places and repairs come out. Reading and writing the tab is in `connectors.sheets.live`.
"""
