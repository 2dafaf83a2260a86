"""The settings file, `fivestep.toml`: its tables and values, their checks, and words for mistakes.

Times and holidays belong here too, since they are settings; which deals they concern does not.
"""
