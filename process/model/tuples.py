"""Named tuples made by the hundred thousand."""

from __future__ import annotations

tuple_of = tuple.__new__
"""`tuple_of(Verdict, (…))`: a named tuple of all its values, in the order of its fields and with none left out.

`Verdict(…)` goes through a function in Python, which takes most of the time of a large sheet's verdicts. A helper
written in Python would cost as much as it spares: hence the plain built-in, whose values nobody counts. Only where a
run makes one for each deal.
"""
