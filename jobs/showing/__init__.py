"""Results as people and programs read them: JSON, a deal's story, grouped findings.

Nothing here changes anything.
"""
