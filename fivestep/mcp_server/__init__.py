"""The same verbs for an assistant, by the Model Context Protocol over standard input and output.

`answers` makes small answers of a plan, `server` offers them as tools. Nothing is decided here, and nothing done that
the command line does not do.
"""
