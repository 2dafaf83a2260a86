"""Keeps a sales pipeline in a spreadsheet honest and moving."""

from fivestep.version import VERSION as __version__

__all__ = ["__version__"]
