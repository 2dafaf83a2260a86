"""Addresses in senders and in cells for names."""

from __future__ import annotations

import pytest

from fivestep.process.model.address import (
    bare_address,
    display_name,
    mailed_addresses,
    name_and_address,
    named_address,
    split_address,
)


@pytest.mark.parametrize(
    ("sender", "name", "address"),
    [
        ("Ana Sommer <Ana@Northwind.example>", "Ana Sommer", "ana@northwind.example"),
        ('"Sommer, Ana" <ana@northwind.example>', "Sommer, Ana", "ana@northwind.example"),
        (r'"Ana \"Sunny\" Sommer" <ana@northwind.example>', 'Ana "Sunny" Sommer', "ana@northwind.example"),
        ('"Ana <3" <ana@northwind.example>', "Ana <3", "ana@northwind.example"),
        ("ana@northwind.example", "", "ana@northwind.example"),
        ("<ana@northwind.example>", "", "ana@northwind.example"),
    ],
)
def test_senders(sender: str, name: str, address: str) -> None:
    assert (display_name(sender), bare_address(sender)) == (name, address)


@pytest.mark.parametrize(
    ("cell", "name", "address"),
    [
        ("Ana Sommer", "Ana Sommer", ""),
        ("Ana Sommer <Ana@Northwind.example>", "Ana Sommer", "ana@northwind.example"),
        ('"Ana" <ana@x.example>', "Ana", "ana@x.example"),
        ("Ana Sommer (ana@x.example)", "Ana Sommer", "ana@x.example"),
        ("Ana Sommer, ana@x.example", "Ana Sommer", "ana@x.example"),
        ("ana@x.example - Ana", "Ana", "ana@x.example"),
        ("Ana\nmailto:ana@x.example", "Ana", "ana@x.example"),
        ("'ana@x.example' <ana@x.example>", "", "ana@x.example"),
        ("ana@x.example", "", "ana@x.example"),
        ("Ana @ Northwind", "Ana @ Northwind", ""),
        ("Ana <ana@x.example>, Ben <ben@x.example>", "Ana, Ben", ""),
        ("Ana (CEO) ana@x.example", "Ana (CEO)", "ana@x.example"),
        ("Ana Sommer (E-Mail: ana@x.example)", "Ana Sommer", "ana@x.example"),
        ("Ana Sommer, e-mail: ana@x.example", "Ana Sommer", "ana@x.example"),
        ("佐藤（sato@x.example）", "佐藤", "sato@x.example"),
        ("Ana {ana@x.example}", "Ana", "ana@x.example"),
        ("Ana/ana@x.example", "Ana", "ana@x.example"),
        ("Ana → ana@x.example", "Ana", "ana@x.example"),
        ("ana@x.example/ben@x.example", "", ""),
        ("Ana\nana@x.example\nTel. +49 30 1234567", "Ana", "ana@x.example"),
        ("Ana\nBen\nana@x.example", "Ana; Ben", "ana@x.example"),
        ("josé-ana@x.example", "josé-ana@x.example", ""),
    ],
)
def test_a_cell_for_a_name(cell: str, name: str, address: str) -> None:
    assert name_and_address(cell) == (name, address)


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("Ana Sommer", '"Ana Sommer" <ana@x.example>'),
        ('"Ana" <ana@x.example>', '"Ana" <ana@x.example>'),
        ("Ana <ana@", '"Ana ana@" <ana@x.example>'),
        ("ana@x.example", "ana@x.example"),
        ("ben@y.example", "ana@x.example"),
        ("Ana\r\nBcc: lee", '"Ana Bcc: lee" <ana@x.example>'),
        ('Ana "Sunny" Sommer\\', '"Ana Sunny Sommer" <ana@x.example>'),
        ("", "ana@x.example"),
    ],
)
def test_a_sender_can_always_be_read_again(name: str, sender: str) -> None:
    made = named_address(name, "ana@x.example")
    assert made == sender
    assert bare_address(made) == "ana@x.example"
    assert "<" not in made or split_address(made) == (display_name(made), "ana@x.example")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It was not delivered to 'Kim@Fabrikam.example'.", ["kim@fabrikam.example"]),
        ("kim.o'brien@fabrikam.example is unknown here", ["kim.o'brien@fabrikam.example"]),
        ("<lee@contoso>, (kim@fabrikam.example); Lee", ["lee@contoso", "kim@fabrikam.example"]),
        ("meet @ the station", []),
        ("x" * 100_000, []),
    ],
)
def test_what_passes_for_an_address_in_a_mail(text: str, found: list[str]) -> None:
    assert mailed_addresses(text) == found


def test_a_long_text_is_no_address_and_quickly_so() -> None:
    for text in (" " * 30_000, "a." * 15_000 + "@", '"' * 30_000, "<" * 30_000, "a@" * 15_000):
        assert split_address(text) is None
        assert name_and_address(text) == (text, "")
