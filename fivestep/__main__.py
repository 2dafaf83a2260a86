"""`python -m fivestep` is `fivestep`."""

from __future__ import annotations

from fivestep.cli.commands import main

if __name__ == "__main__":
    main()
