"""Senders as the plan names them are senders that a mailbox takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivestep.connectors.mailbox import RefusedError
from fivestep.connectors.mailboxes.mime.address import mailer, one_address
from fivestep.process.model.address import bare_address, display_name, named_address


@given(st.text() | st.sampled_from(['"Ana" <ana@x.example>', "Ana <ana@x.example>", "Ana <3", '"', "\\", "a@b, <"]))
def test_whatever_stands_in_the_owners_cell_the_sender_is_one(owner: str) -> None:
    sender = named_address(owner, "ana@northwind.example")
    assert mailer(sender) == (display_name(sender), "ana@northwind.example")
    assert bare_address(sender) == "ana@northwind.example"


@pytest.mark.parametrize("text", ["kim@fabrikam", "kim..lee@fabrikam.example", f"kim@{'a.' * 130}example", "kim"])
def test_what_is_no_address_in_a_cell_is_none_in_a_header(text: str) -> None:
    with pytest.raises(RefusedError):
        one_address(text)
