"""Writing to a sheet in which people type at the same time: look, write, look again, repair.

Works on any `Grid`. What belongs where is decided in `process.live_edits`; here it is carried out, and written down so
that the next run can finish what was cut off.
"""
