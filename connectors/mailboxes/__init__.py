"""Where drafts go, a folder for each kind; `mime` has what all of them need of a mail.

No mailbox knows another, and none has a call that sends.
"""
