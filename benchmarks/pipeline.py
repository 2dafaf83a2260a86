"""A pipeline as large as wanted, made of nothing but a number: the same one in every run."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Mapping, Sequence

TODAY = dt.date(2026, 11, 23)
COLUMNS = {
    "id": "Deal ID",
    "deal": "Opportunity",
    "company": "Company",
    "contact": "Contact",
    "email": "E-mail",
    "owner": "Owner",
    "owner_email": "Owner e-mail",
    "source": "Source",
    "stage": "Stage",
    "stage_since": "In stage since",
    "last_contact": "Last contact",
    "last_reply": "Last reply",
    "amount": "Amount",
    "currency": "Currency",
    "expected_close": "Expected close",
    "need": "Need",
    "budget": "Budget",
    "authority": "Decision maker",
    "waiting_until": "Waiting until",
    "do_not_contact": "Do not contact",
}
"""The twenty columns that the team fills in: a field to its header. The tool's own stand beside them."""

BAD_SHARE = 0.03
"""So many rows have one cell that is wrong."""

Value = str | int | float | bool
"""A cell as the Sheets API sends it, unformatted: a date is a serial number, an empty cell an empty text."""

_STAGES = ("Prospecting", "Qualification", "Pitch", "Objections", "Closing", "Won", "Lost")
_WEIGHTS = (16, 14, 10, 8, 7, 25, 20)
_QUALIFIED = frozenset(_STAGES[2:6])
_SOURCES = ("Inbound", "Outbound call", "Event", "Market research", "Referral")
_CURRENCIES = ("EUR", "EUR", "EUR", "USD", "GBP")
_GIVEN = ("Ana", "Ben", "Chloé", "Dmitri", "Elif", "Farid", "Greta", "Hana", "Ivo", "Jun", "Kofi", "Lena", "Mira")
_FAMILY = ("Sommer", "Okafor", "Lindqvist", "Tanaka", "Núñez", "Weaver", "Petrov", "Haddad", "Moreau", "Schäfer")
_OWNERS = ("Ana", "Ben", "Dmitri", "Elif", "Farid", "Greta")
_TRADES = ("Press hall", "Bottling line", "Robot arm", "Cold store", "Paint shop", "Packing", "Sawmill", "Foundry")
_NEEDS = ("Needs a shorter set-up", "Loses orders to late deliveries", "Wants to see the stock in real time",
          "Has outgrown the old machine", "Must meet the new rules")  # fmt: skip
_AUTHORITIES = ("Head of operations", "Managing director", "Plant manager with the CFO", "Owner")
_SERIAL_EPOCH = dt.date(1899, 12, 30)

_MISTAKES: Mapping[str, Value] = {
    "email": "to be asked",
    "owner_email": "northwind.example",
    "stage": "Proposel",
    "stage_since": "last week",
    "last_contact": "on the phone",
    "expected_close": "after the summer",
    "amount": "twelve thousand",
    "need": "",
    "budget": "?",
    "authority": "",
}
"""What is wrong, by field."""


def table(rows: int) -> list[list[Value]]:
    """The header row and so many deals; what is empty at a row's end is left out, as the API does it."""
    chance = random.Random(rows)
    return [list(COLUMNS.values()), *(_row(number, chance) for number in range(1, rows + 1))]


def as_sent(values: Sequence[Sequence[object]]) -> str:
    """The table in the form in which the Sheets API sends it (`values.get`, UNFORMATTED_VALUE, dates as serials)."""
    last = f"{_letters(max(map(len, values)))}{len(values)}"
    answer = {"range": f"Deals!A1:{last}", "majorDimension": "ROWS", "values": values}
    return json.dumps(answer, ensure_ascii=False)


def serial(day: dt.date) -> int:
    """The day's number in a spreadsheet."""
    return (day - _SERIAL_EPOCH).days


def _row(number: int, chance: random.Random) -> list[Value]:
    cells = _deal(number, chance)
    if chance.random() < BAD_SHARE:
        field = chance.choice(list(_MISTAKES))
        cells[field] = _MISTAKES[field]
    row = [cells[field] for field in COLUMNS]
    while row[-1] == "":
        row.pop()
    return row


def _deal(number: int, chance: random.Random) -> dict[str, Value]:
    given, family, owner = chance.choice(_GIVEN), chance.choice(_FAMILY), chance.choice(_OWNERS)
    stage = chance.choices(_STAGES, _WEIGHTS)[0]
    open_ = stage not in ("Won", "Lost")
    qualified = stage in _QUALIFIED or (stage == "Qualification" and chance.random() < 0.8)
    today = serial(TODAY)
    since = today - chance.randint(0, 14 if open_ else 700)
    contact = since + chance.randint(0, today - since)
    replied = chance.random() < 0.3
    waits = open_ and chance.random() < 0.03
    return {
        "id": f"D-{number}",
        "deal": f"{chance.choice(_TRADES)} {number}",
        "company": f"{chance.choice(_FAMILY)} & {chance.choice(_FAMILY)} {number // 3}",
        "contact": f"{given} {family}",
        "email": f"contact{number}@company{number // 3}.example",
        "owner": owner,
        "owner_email": f"{owner}@northwind.example".lower(),
        "source": chance.choice(_SOURCES),
        "stage": stage,
        "stage_since": since,
        "last_contact": contact,
        "last_reply": since + chance.randint(0, contact - since) if replied else "",
        "amount": chance.randint(10, 2500) * 100 if chance.random() < 0.8 else chance.randint(100000, 9999999) / 100,
        "currency": chance.choice(_CURRENCIES),
        "expected_close": today + chance.randint(5, 200) if open_ else since,
        "need": f"{chance.choice(_NEEDS)}, {chance.randint(2, 40)} places" if qualified or number % 3 else "",
        "budget": f"up to {chance.randint(2, 250)} thousand" if qualified else "",
        "authority": chance.choice(_AUTHORITIES) if qualified else "",
        "waiting_until": today + chance.randint(1, 40) if waits else "",
        "do_not_contact": chance.random() < 0.02,
    }


def _letters(columns: int) -> str:
    return chr(64 + columns)
