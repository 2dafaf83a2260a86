"""What a sales lead may change without knowing Python, and how it is loaded.

The settings, the sales process, the mail texts and the words that people use in sheets lie here as plain files, each
beside the module that reads it, checks it whole, and names every mistake with its place. Nothing here decides
anything about a deal, and nothing opens a sheet, a mailbox or a ledger.
"""
