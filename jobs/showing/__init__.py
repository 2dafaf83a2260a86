"""Results as people and programs read them: JSON, a deal's story, grouped findings, the report.

Nothing here changes anything.
"""
