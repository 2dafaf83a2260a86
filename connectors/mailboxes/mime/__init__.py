"""A draft as a mail: addresses, headers, signature, and how a mail is known again.

Used by every mailbox; nothing here opens a connection or a folder.
"""
