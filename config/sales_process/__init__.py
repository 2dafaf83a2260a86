"""The sales process: the built-in `process.toml`, and how one is loaded, checked and compiled.

`model` says what may stand in the file, `checks` finds what does not fit together, `build` makes the `Process` that
the domain works with. What a rule means once it is compiled is decided in `process.conditions` and `process.judging`.
"""
