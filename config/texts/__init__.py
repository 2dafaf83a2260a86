"""The mail texts (`*.md`) that the built-in process drafts from, and how texts are loaded.

What a text may be filled in with, and who gets it, is decided in `process.mails`.
"""
