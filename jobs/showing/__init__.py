"""Results as people and programs read them: JSON documents, a deal's story, grouped findings, the report's looks.

Nothing here changes anything.
"""
