"""A draft as a mail: addresses, headers, signature, and how a draft is recognized later.

Used by every mailbox; nothing here opens a connection or a folder.
"""
