"""One address from one cell; what is not surely one address is none."""

from __future__ import annotations

import re

from fivestep.process.model.address import addresses_in, local_and_domain, split_address
from fivestep.process.reading.cells import CellFault, Filled, as_text

_BEHIND_A_NAME = re.compile(r"[^\d@()\[\]（）]*[(\[（](?i:mailto:)?([^\s()\[\]（）]+@[^\s()\[\]（）]+)[)\]）]")
_FIX = "Type one address, such as ana@northwind.example"
_NOT_AN_ADDRESS = CellFault("cell.email", "is not an e-mail address", _FIX)
_SEVERAL = CellFault("cell.email", "holds more than one e-mail address", "Leave the one that follow-ups go to")


def read_email(cell: Filled) -> str | CellFault:
    """The address, its domain in lower case; also from `Ana <ana@…>`, `Ana (ana@…)` and `mailto:` links.

    A remark behind an address, such as `(has left)`, may be the reason not to write there: then it is none.
    """
    text = as_text(cell).rstrip(";, ")
    if text.count("@") > 1 and len(addresses_in(text)) > 1:
        return _SEVERAL
    named, behind_name = split_address(text), _BEHIND_A_NAME.fullmatch(text.strip())
    bare = named.address if named else behind_name[1] if behind_name else text.strip()
    if bare[:7].casefold() == "mailto:":
        bare = bare[7:].partition("?")[0]
    sides = local_and_domain(bare)
    return f"{sides[0]}@{sides[1].lower()}" if sides else _NOT_AN_ADDRESS
