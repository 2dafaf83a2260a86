"""The settings file, `fivestep.toml`: its tables and values, their checks, and how mistakes are worded.

Times and holidays belong here too, since they are settings; which deals they concern does not.
"""
