"""What people type, and what it means: one table for each kind of field."""

from __future__ import annotations

import datetime as dt
import math
from zoneinfo import ZoneInfo

import pytest

from fivestep.config.vocabulary.words import load_words
from fivestep.process.model.sales_process import Choice, Process, Stage
from fivestep.process.model.table import Cell, CellError
from fivestep.process.reading.amounts import Money, money_reader
from fivestep.process.reading.cells import CellFault, DateOrder, DecimalMark, Filled, Reading, fill, quote
from fivestep.process.reading.choices import choice_reader
from fivestep.process.reading.dates import date_reader
from fivestep.process.reading.email_cell import read_email
from fivestep.process.reading.percentages import share_reader
from fivestep.process.reading.stage_names import stage_reader
from fivestep.process.reading.yes_no import answer_reader, flag_reader, milestone_reader, read_people

WORDS = load_words()
READING = Reading(WORDS)


def amount(text: Filled, *others: str, decimal: DecimalMark | None = None) -> float | Money | None:
    """The amount of a cell in a column with these others; None for a fault."""
    read = money_reader([text, *others], Reading(WORDS, decimal=decimal))(text)
    return None if isinstance(read, CellFault) else read


def date(cell: Filled, *others: str, order: DateOrder | None = None) -> dt.date | str | None:
    """The date of a cell in a column with these others as text; what is wrong where it is none; None for a blank."""
    read = date_reader([cell, *others], Reading(WORDS, date_order=order))(cell)
    return read.what if isinstance(read, CellFault) else read and read.isoformat()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12500", 12500),
        ("12,500.00", 12500),
        ("12.500,00", 12500),
        ("12500.5", 12500.5),
        ("12500,5", 12500.5),
        ("12 500", 12500),
        ("12\u00a0500,50", 12500.5),
        ("12\u202f500", 12500),
        ("12'500", 12500),
        ("12’500.50", 12500.5),
        ("12,34,567", 1234567),
        ("1,23,456.50", 123456.5),
        ("1,234,567", 1234567),
        ("1.234.567,8", 1234567.8),
        ("1,234.567", 1234.567),
        ("1234.567", 1234.567),
        ("0.125", 0.125),
        (".5", 0.5),
        ("1.2M", 1200000),
        ("1.15 M", 1150000),
        ("12k", 12000),
        ("1,2 Mio.", 1200000),
        ("2 Mrd", 2e9),
        ("12 lakh", 1200000),
        ("1.5 crore", 15000000),
        ("5 000,50 kr", 5000.5),
        ("5 mkr", 5000000),
        ("(500)", -500),
        ("-500", -500),
        ("−500", -500),
        ("500-", -500),
        ("+500", 500),
        ("500.-", 500),
        ("500,--", 500),
        ("١٢٥٠٠", 12500),
        ("٣٫٥", 3.5),
        ("１２，５００", 12500),
        ("-", 0),
        ("–", 0),
        (" -   ", 0),
        ("—", 0),
        ("kr -", 0),
        (12500, 12500),
        (0.5, 0.5),
    ],
)
def test_amounts(text: Filled, value: float) -> None:
    assert amount(text) == value


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("$12,500", 12500, "USD"),
        ("-$500", -500, "USD"),
        ("$-500", -500, "USD"),
        ("$(1,200.50)", -1200.5, "USD"),
        ("12.500,00 €", 12500, "EUR"),
        ("€ 12\u00a0500", 12500, "EUR"),
        ("USD 5k", 5000, "USD"),
        ("5k€", 5000, "EUR"),
        ("T€ 125", 125000, "EUR"),
        ("125 TEUR", 125000, "EUR"),
        ("R$ 1.500,00", 1500, "BRL"),
        ("CHF 12'500.--", 12500, "CHF"),
        ("₹12,34,567", 1234567, "INR"),
        ("2億円", 200000000, "JPY"),
        ("100 000 zł", 100000, "PLN"),
        ("$5 USD", 5, "USD"),
        ("$1,200 CAD", 1200, "CAD"),
        ("$1,200CAD", 1200, "CAD"),
        ("1,200 $ CAD", 1200, "CAD"),
        ("CAD $1,200", 1200, "CAD"),
        ("ZAR$ 5", 5, "ZAR"),
        ("-$1.2M AUD", -1200000, "AUD"),
        ("£900 EGP", 900, "EGP"),
        ("Rs 500 PKR", 500, "PKR"),
        ("CA$ 1,200.50", 1200.5, "CAD"),
        ("US$ 1,200.-", 1200, "USD"),
        ("1.200,- €", 1200, "EUR"),
        ("Rs. 12,500/-", 12500, "INR"),
        ("₹12,34,567/-", 1234567, "INR"),
        ("KSh 5,000/=", 5000, "KES"),
        ("$ -", 0, "USD"),
        ("$-", 0, "USD"),
        (" -   €", 0, "EUR"),
        ("€ –", 0, "EUR"),
        ("CHF --", 0, "CHF"),
        ("R$ -", 0, "BRL"),
        ("CHF –.––", 0, "CHF"),
        ("Rs.12,500/-", 12500, "INR"),
        ("S/.1,200", 1200, "PEN"),
        ("Fr.1'200.-", 1200, "CHF"),
        ("$.50", 0.5, "USD"),
        ("$1,200 (CAD)", 1200, "CAD"),
        ("(USD) 1,200", 1200, "USD"),
        ("$1,200 US", 1200, "USD"),
        ("$1,200 CA", 1200, "CAD"),
        ("R12 500,00", 12500, "ZAR"),
        ("UGX 12,500/=", 12500, "UGX"),
    ],
)
def test_amounts_with_a_currency(text: str, value: float, currency: str) -> None:
    assert amount(text) == Money(value, currency)


@pytest.mark.parametrize(
    "text",
    [
        "10-20k", "ca. 5000", "~5000", "5000+", ">5000", "1 2 3", "1,2,3", "12.34.56", "12.5%", "1½", "12²", "12...",
        "1e5",
        "--5", "-(5)", "$5 €", "€5 USD", "$ - €", "k -", "- open", "$", "5/-/-",
        "five", "nan", "inf", "5 apples", "2025-01-01", "1" * 400, "=1+1", "TRUE",
        math.nan, math.inf, 10**400, dt.date(2025, 1, 5), dt.time(12), dt.timedelta(1),
    ],
)  # fmt: skip
def test_no_amounts(text: Filled) -> None:
    assert amount(text) is None


@pytest.mark.parametrize(
    ("text", "others", "decimal", "value"),
    [
        ("12.500", [], None, 12500),
        ("12,500", [], None, 12500),
        ("12.500", ["3.5"], None, 12.5),
        ("12.500", ["1.234,56"], None, 12500),
        ("12,500", ["1,234,567"], None, 12500),
        ("12,500", ["3,5"], None, 12.5),
        ("12,500", ["3,5", "3.5"], None, 12500),
        ("12.500", ["1.234,56"], ".", 12.5),
        ("12,500", [], ",", 12.5),
        ("3.5", [], ",", 3.5),
        ("1.250M", ["3.5"], None, 1250000),
    ],
)
def test_a_lone_mark_before_three_digits_depends_on_the_column(
    text: str, others: list[str], decimal: DecimalMark | None, value: float
) -> None:
    assert amount(text, *others, decimal=decimal) == value


def test_a_lone_mark_with_a_multiplier_is_never_guessed() -> None:
    assert amount("1.250M") is None
    assert amount("1,250k") is None


@pytest.mark.parametrize(
    ("cells", "shares"),
    [
        (["40%", "40 %", "%40", "٤٠٪", "40,5%", "0%", "100 %"], [0.4, 0.4, 0.4, 0.4, 0.405, 0, 1]),
        ([0.4, 1, 0, "0,25", "0.5"], [0.4, 1, 0, 0.25, 0.5]),
        ([40, 1, 0, "25", "33,3"], [0.4, 0.01, 0, 0.25, 0.333]),
        ([40, 0.4], [0.4, "can be read in two ways, as other cells of the column are above 1"]),
        (["High", "40 to 60%", 140, -1, "140%", math.nan], ["is a word, not a percentage", "is not a percentage",
         "is not between 0% and 100%", "is not between 0% and 100%", "is not between 0% and 100%",
         "is not a percentage"]),
    ],
)  # fmt: skip
def test_percentages(cells: list[Filled], shares: list[float | str]) -> None:
    found = map(share_reader(cells), cells)
    assert [one.what if isinstance(one, CellFault) else pytest.approx(one) for one in found] == shares


def test_a_word_for_a_percentage_is_only_a_warning() -> None:
    fault = share_reader(["High"])("High")
    assert isinstance(fault, CellFault)
    assert fault.severity == "warning"


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (dt.date(2025, 3, 4), "2025-03-04"),
        (dt.datetime(2025, 3, 4, 23, 59), "2025-03-04"),  # noqa: DTZ001
        (45720, "2025-03-04"),
        (45720.75, "2025-03-04"),
        (20250304, "2025-03-04"),
        ("45720", "2025-03-04"),
        ("45720.75", "2025-03-04"),
        ("20250304", "2025-03-04"),
        ("2025-03-04", "2025-03-04"),
        ("2025-03-04T23:30:00.000Z", "2025-03-04"),
        ("2025-03-04 23:30:00+02:00", "2025-03-04"),
        ("2025-3-4", "2025-03-04"),
        ("2025/03/04", "2025-03-04"),
        ("2025.03.04.", "2025-03-04"),
        ("2025. 3. 4.", "2025-03-04"),
        ("25/12/2025", "2025-12-25"),
        ("12/25/2025", "2025-12-25"),
        ("4/4/25 12:30 PM", "2025-04-04"),
        ("04.03.2025", "2025-03-04"),
        ("4. 3. 2025", "2025-03-04"),
        ("4.3.49", "2049-03-04"),
        ("4.3.80", "1980-03-04"),
        ("3 Apr 2025", "2025-04-03"),
        ("03APR2025", "2025-04-03"),
        ("15-Mar-25", "2025-03-15"),
        ("April 3, 2025", "2025-04-03"),
        ("Apr 3rd, 2025, 2:30 PM", "2025-04-03"),
        ("Thursday, 3 April 2025 14:30", "2025-04-03"),
        ("Thu Apr 03 2025 00:00:00 GMT+0000 (Coordinated Universal Time)", "2025-04-03"),
        ("2025 April 3", "2025-04-03"),
        ("3. März 2025", "2025-03-03"),
        ("Di, 04.03.2025", "2025-03-04"),
        ("1er avril 2025", "2025-04-01"),
        ("3 de abril de 2025", "2025-04-03"),
        ("3 kwietnia 2025 r.", "2025-04-03"),
        ("3. dubna 2025", "2025-04-03"),
        ("3. huhtikuuta 2025", "2025-04-03"),
        ("2025. április 3.", "2025-04-03"),
        ("3 Nisan 2025", "2025-04-03"),
        ("3 апреля 2025 г.", "2025-04-03"),
        ("04.03.2025 г.", "2025-03-04"),
        ("3 Απριλίου 2025", "2025-04-03"),
        ("3 أبريل 2025", "2025-04-03"),
        ("٢٠٢٥/٠٣/٠٤", "2025-03-04"),
        ("3 באפריל 2025", "2025-04-03"),
        ("3 अप्रैल 2025", "2025-04-03"),
        ("2025年3月4日", "2025-03-04"),
        ("2025年03月04日（火）", "2025-03-04"),
        ("2025년 3월 4일", "2025-03-04"),
        ("29.02.2024", "2024-02-29"),
        (0, None),
        (dt.date(1899, 12, 30), None),
        (dt.time(), None),
    ],
)
def test_dates(cell: Filled, day: str | None) -> None:
    assert date(cell) == day


@pytest.mark.parametrize(
    "cell",
    [
        "31/02/2025", "30.02.2025", "2025-13-01", "29.02.2025", "13/13/2025", "2025-02-30", "next week",
        "after 3 Apr 2025",
        "2025", "12", "5/2025", "1/2/3/4", "TRUE", 5, -3, 1e12, math.nan, math.inf, 10**400, dt.time(12),
        dt.timedelta(3),
        "9" * 500, "31 Apr 2025", "1/12/69", "1 Dec 69",
    ],
)  # fmt: skip
def test_no_dates(cell: Filled) -> None:
    assert date(cell) == "is not a date"


def test_dates_that_are_not_whole_or_far_off() -> None:
    assert date("Mar 2025") == date("3 April") == "does not name one day of one year"
    assert date("2/2/1900") == date(dt.date(2568, 3, 4)) == "is not between 1950 and 2150"


DOUBT = "is 3 April or 4 March, and nothing in the column tells which"


@pytest.mark.parametrize(
    ("text", "others", "order", "day"),
    [
        ("3/4/2025", [], None, DOUBT),
        ("3-4-25", [], None, DOUBT),
        ("3/4/2025", ["25/12/2025"], None, "2025-04-03"),
        ("3/4/2025", ["12/25/2025"], None, "2025-03-04"),
        ("3/4/2025", ["12-25-2025"], None, "2025-03-04"),
        ("3/4/2025", ["12/25/2025", "25/12/2025"], None, DOUBT),
        ("3/4/2025", ["31/02/2025"], None, DOUBT),
        ("3/4/2025", ["25.12.2025"], None, DOUBT),
        ("3/4/2025", ["12/25/2025"], "day-month", "2025-04-03"),
        ("3/4/2025", [], "month-day", "2025-03-04"),
        ("25/12/2025", [], "month-day", "2025-12-25"),
        ("3.4.2025", [], None, "2025-04-03"),
        ("3.4.2025", ["12/25/2025"], None, "2025-04-03"),
        ("3.4.2025", ["12.25.2025"], None, "2025-03-04"),
        ("3.4.2025", ["12.25.2025", "25.12.2025"], None, DOUBT),
        ("3.4.2025", [], "month-day", "2025-03-04"),
    ],
)
def test_the_order_of_day_and_month_is_the_columns(
    text: str, others: list[str], order: DateOrder | None, day: str
) -> None:
    assert date(text, *others, order=order) == day


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ana@northwind.example", "ana@northwind.example"),
        ("Ana.Sommer+x@NorthWind.Example", "Ana.Sommer+x@northwind.example"),
        ("mailto:ana@northwind.example?subject=hi", "ana@northwind.example"),
        ("<ana@northwind.example>", "ana@northwind.example"),
        ("Ana Sommer <ana@northwind.example>;", "ana@northwind.example"),
        ("'ana@northwind.example' <Ana@northwind.example>", "Ana@northwind.example"),
        ('"Sommer, Ana" <ana@northwind.example>', "ana@northwind.example"),
        ("ana@bücher.example", "ana@bücher.example"),
        ("a@b.example, c@d.example", None),
        ("a@b.example c@d.example", None),
        ("a@b.example\nBcc: c@d.example", None),
        ("ana@northwind", None),
        ("ana northwind.example", None),
        ("a..b@northwind.example", None),
        (".a@northwind.example", None),
        ("a@-northwind.example", None),
        ("a@north_wind.example", None),
        ("a b@northwind.example", None),
        ("a@northwind.example\x00", None),
        ("a@127.0.0.1", None),
        ("Ana Sommer (ana@Northwind.example)", "ana@northwind.example"),
        ("Ana Sommer [mailto:ana@northwind.example]", "ana@northwind.example"),
        ("佐藤（sato@northwind.example）", "sato@northwind.example"),
        ("ana@northwind.example (has left)", None),
        ("x" * 65 + "@northwind.example", None),
        ("a@" + "x" * 64 + ".example", None),
        (17.0, None),
    ],
)
def test_emails(text: Filled, address: str | None) -> None:
    read = read_email(text)
    assert (None if isinstance(read, CellFault) else read) == address


def test_two_addresses_in_one_cell_are_called_so() -> None:
    fault = read_email("a@b.example, c@d.example")
    assert isinstance(fault, CellFault)
    assert fault.what == "holds more than one e-mail address"


@pytest.mark.parametrize("text", ["bad@@mail", "a@b.example@c.example", "a@b.example, phone @ home"])
def test_a_slip_with_the_sign_is_not_called_two_addresses(text: str) -> None:
    fault = read_email(text)
    assert isinstance(fault, CellFault)
    assert fault.what == "is not an e-mail address"


@pytest.mark.parametrize(
    ("cell", "answer"),
    [("Faster reports", "Faster reports"), ("no budget", "no budget"), (50000.0, "50000"), ("TRUE", "yes"), ("✓",
     "yes"),
     ("x", "yes"), ("FALSE", None), ("☐", None), ("?!?", None), ("- -", None), ("0", "0")],
)  # fmt: skip
def test_answers(cell: Filled, answer: str | None) -> None:
    assert answer_reader(WORDS)(cell) == answer


@pytest.mark.parametrize(
    ("cell", "said"),
    [("TRUE", True), ("FALSE", False), ("yes", True), ("Ja", True), ("SÍ", True), ("да", True), ("はい", True),
     (1, True), (0.0, False), ("1", True), ("x", True), ("✔️", True), ("✅", True), ("☐", False), ("❌", False),
     ("Nein", False), ("não", False), ("maybe", None), (2, None), (dt.date(2025, 1, 1), None)],
)  # fmt: skip
def test_flags(cell: Filled, said: bool | None) -> None:
    read = flag_reader(WORDS)(cell)
    assert (None if isinstance(read, CellFault) else read) is said


@pytest.mark.parametrize(
    ("cell", "milestone"),
    [("TRUE", True), ("FALSE", False), ("Signed", True), ("pending", False), (1, True), (45720, dt.date(2025, 3, 4)),
     ("2025-03-04", dt.date(2025, 3, 4)), ("yes, 4.3.2025", dt.date(2025, 3, 4)), ("✓ 2025-03-04", dt.date(2025, 3, 4)),
     ("sent by Bob", "is neither a yes, a no nor a date"), (17, "is neither a yes, a no nor a date"), ("3/4/2025",
     DOUBT)],
)  # fmt: skip
def test_milestones(cell: Filled, milestone: bool | dt.date | str) -> None:
    read = milestone_reader([cell], READING)(cell)
    assert (read.what if isinstance(read, CellFault) else read) == milestone


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("Ana Sommer", ("Ana Sommer",)),
        ("Ana, Ben; Cy / Dan & Eva and Fay und Gus", ("Ana", "Ben", "Cy", "Dan", "Eva", "Fay", "Gus")),
        ("- Ana\n- Ben\r\n2. Cy\n\nAna", ("Ana", "Ben", "Cy")),
        ("Anders Sandberg", ("Anders Sandberg",)),
        (" ,;- ", None),
    ],
)
def test_people(cell: Filled, people: tuple[str, ...] | None) -> None:
    assert read_people(cell) == people


OBJECTION = Choice({"price": "price", "too expensive": "price", "later": "timing", "no": "none"}, other="other")
SATISFACTION = Choice(
    {"happy": "satisfied", "unhappy": "unsatisfied"},
    scales=(
        (5, {1: "unsatisfied", 3: "neutral", 4: "satisfied"}),
        (10, {0: "unsatisfied", 7: "neutral", 9: "satisfied"}),
    ),
)


@pytest.mark.parametrize(
    ("choice", "cells", "values"),
    [
        (OBJECTION, ["Price", "TOO EXPENSIVE!", "price (again)", "1 - Later", "Later, price"],
         ["price", "price", "price", "timing", "timing"]),
        (OBJECTION, ["whatever", "TRUE", "-", "FALSE", "No"], ["other", "other", None, None, "none"]),
        (SATISFACTION, ["Happy", 5, 3.5, "2"], ["satisfied", "satisfied", "neutral", "unsatisfied"]),
        (SATISFACTION, [9, 5, "8"], ["satisfied", "unsatisfied", "neutral"]),
        (SATISFACTION, ["4/5", "4/10"], ["satisfied", "unsatisfied"]),
        (SATISFACTION, ["hapy", 0.5, 11, "3/7", 4], ["fault", "fault", "fault", "fault", "satisfied"]),
    ],
)  # fmt: skip
def test_choices(choice: Choice, cells: list[Filled], values: list[str | None]) -> None:
    read = choice_reader(cells, choice, WORDS)
    assert ["fault" if isinstance(one, CellFault) else one for one in map(read, cells)] == values


def test_an_unknown_choice_says_what_was_meant() -> None:
    fault = choice_reader([], SATISFACTION, WORDS)("hapy")
    assert isinstance(fault, CellFault)
    assert fault.fix == "Did you mean satisfied? Type one of satisfied, unsatisfied, neutral"


PROCESS = Process(
    "Test",
    {name: Stage(name) for name in ("Lead", "Qualification", "Closing", "Won", "Lost")},
    {},
    stage_words={"qualified": "Qualification", "proposal": "Closing", "closed won": "Won", "closed": "Closing"},
)
OWN_WORDS = {
    "Deal closed": "Won",
    "closed": "Lost",
    "🔥": "Closing",
    "2": "Qualification",
    "tbd": "Lead",
    "x": "Nowhere",
}


@pytest.mark.parametrize(
    ("word", "stage"),
    [
        ("Qualification", "Qualification"),
        (" qualified ", "Qualification"),
        ("2 - Qualified", "Qualification"),
        ("2. Qualified", "Qualification"),
        ("[3] Lead", "Lead"),
        ("#3 Lead", "Lead"),
        ("3️⃣ Lead", "Lead"),
        ("Stage 2: Qualified", "Qualification"),
        ("S2 - Qualified", "Qualification"),
        ("Proposal (60%)", "Closing"),
        ("Proposal - 60 %", "Closing"),
        ("4) Proposal [sent]", "Closing"),
        ("✅ Won!", "Won"),
        ("Closed/Won", "Won"),
        ("DEAL\nCLOSED", "Won"),
        ("Closed", "Lost"),
        ("🔥", "Closing"),
        (2.0, "Qualification"),
        ("TBD", "Lead"),
        ("Closed Won Lost", None),
        ("not qualified", None),
        ("x", None),
        ("17", None),
        ("?", None),
    ],
)
def test_stages(word: Filled, stage: str | None) -> None:
    read = stage_reader(PROCESS, OWN_WORDS, WORDS)(word)
    assert (None if isinstance(read, CellFault) else read) == stage


def test_an_unknown_stage_says_what_was_meant_and_what_there_is() -> None:
    fault = stage_reader(PROCESS, {}, WORDS)("Qualifikation")
    assert isinstance(fault, CellFault)
    assert fault.rule == "stage.unknown"
    assert fault.fix == "Did you mean Qualification? Type that"
    assert fault.or_settings == "say under [stages] in the settings which stage 'Qualifikation' is"


def test_a_stage_that_is_like_none_is_answered_with_all_there_are() -> None:
    fault = stage_reader(PROCESS, {}, WORDS)("Nowhere")
    assert isinstance(fault, CellFault)
    assert fault.fix == "Type one of Lead, Qualification, Closing, Won, Lost"


@pytest.mark.parametrize(
    ("cell", "held"),
    [
        (None, None),
        ("", None),
        (" \u00a0\u200b\ufeff\n", None),
        ("\u202bשלום\u202c ", "שלום"),
        ("  two  words ", "two  words"),
        ("line\nline", "line\nline"),
        ("TBD", None),
        ("n/a", None),
        ("nan", None),
        (17.0, 17.0),
        ("#hashtag", "#hashtag"),
        ("Err:502 seen", "Err:502 seen"),
    ],
)
def test_what_a_cell_holds(cell: Cell, held: Filled | None) -> None:
    assert fill(cell, WORDS.blanks) == held


@pytest.mark.parametrize(
    "cell",
    [CellError("#REF!"), "#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#ERROR!",
     "Err:502",
     "#BEZUG!", "#NV", "#¿NOMBRE?"],
)  # fmt: skip
def test_errors_of_the_spreadsheet(cell: Cell) -> None:
    fault = fill(cell)
    assert isinstance(fault, CellFault)
    assert fault.rule == "cell.error"


def test_a_quoted_cell_is_short_and_on_one_line() -> None:
    assert quote("a\nb") == "'a b'"
    assert len(quote("word " * 1000)) == 42
    assert quote(CellError("#REF!")) == "'#REF!'"


TODAY = dt.date(2026, 11, 30)


@pytest.mark.parametrize(
    ("texts", "order", "day"),
    [
        (["27-01-15"], None, "2027-01-15"),
        (["27-01-15", "26-12-31", "26-11-03"], None, "2027-01-15"),
        (["26-11-12", "2026-10-01"], None, "2026-11-12"),
        (["32-01-15"], None, "2032-01-15"),
        (["27-01-26"], None, "is 27 January 2026 or 26 January 2027, and nothing in the column tells which"),
        (["27-01-15"], "day-month", "is 27 January 2015 or 15 January 2027, and nothing in the column tells which"),
        (["27/01/15"], "day-month", "is 27 January 2015 or 15 January 2027, and nothing in the column tells which"),
        (["27-01-15", "03-12-26"], "day-month", "2015-01-27"),
        (["27-01-15", "03-12-2026"], "day-month", "2015-01-27"),
        (["24-11-25"], "day-month", "2025-11-24"),
        (["27-01-15", "1/12/26"], None, "2027-01-15"),
        (["27-01-15", "13/11/2026"], None, "2027-01-15"),
        (
            ["27-01-15", "1/12/26"],
            "day-month",
            "is 27 January 2015 or 15 January 2027, and nothing in the column tells which",
        ),
        (["12-15-26"], "month-day", "2026-12-15"),
        (["27-01-15"], "year-month-day", "2027-01-15"),
        (["27/01/15"], "year-month-day", "2027-01-15"),
        (["27-01-15"], "month-day", "is 27 January 2015 or 15 January 2027, and nothing in the column tells which"),
        (["27/01/15"], None, "is 27 January 2015 or 15 January 2027, and nothing in the column tells which"),
        (["27.01.15"], None, "is 27 January 2015 or 15 January 2027, and nothing in the column tells which"),
        (["27/01/26"], None, "2026-01-27"),
        (["27.01.26"], None, "2026-01-27"),
        (["15-01-27"], None, "2027-01-15"),
        (["27-01-15", "03-12-2026"], None, "2015-01-27"),
        (["12-31-26"], None, "2026-12-31"),
        (["7-1-15", "27-01-15"], None, "2015-01-07"),
        (["27-1-15"], None, "2027-01-15"),
    ],
)
def test_a_year_of_two_digits_in_front_is_never_read_as_a_day(
    texts: list[str], order: DateOrder | None, day: str
) -> None:
    read = date_reader(texts, Reading(WORDS, date_order=order, today=TODAY))(texts[0])
    assert (read.what if isinstance(read, CellFault) else str(read)) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("R8.12.01", "2026-12-01"),
        ("r8/12/1", "2026-12-01"),
        ("H30.4.1", "2018-04-01"),
        ("S63-12-31", "1988-12-31"),
        ("令和8年12月1日", "2026-12-01"),
        ("令和元年5月1日", "2019-05-01"),
        ("T15.12.01", "is not a date"),
        ("M 1/2/26", "is not a date"),
        ("Q3/12/26", "is not a date"),
        ("R8.13.01", "is not a date"),
        ("民國115年12月1日", "is not a date"),
    ],
)
def test_a_letter_before_the_digits_names_an_era_or_is_no_date(text: str, day: str) -> None:
    assert date(text) == day


@pytest.mark.parametrize(
    "cell",
    [
        "0000-00-00", "0000-00-00 00:00:00", "0000-00-00T00:00:00Z", "00/00/0000", "00.00.0000", "1/0/1900", "0.1.1900",
        "00.01.1900", "1/0/00", "1900-01-00", "12/30/1899", "30.12.1899", "1899-12-30", "1899-12-31 00:00:00",
        "1900-01-01", "1/1/1900", "0001-01-01T00:00:00", "1/1/0001", "1970-01-01T00:00:00Z", "0", "0.0", "0,00",
        "0-Jan-00", "0-Jan-1900", 0, 0.0, dt.date(1899, 12, 31), dt.datetime(1, 1, 1),  # noqa: DTZ001
        "00:00:00", "12:00:00 AM", "1/1/1753", "1601-01-01", "01.01.1904", "Invalid date", "NaT", "(null)",
    ],
)  # fmt: skip
def test_what_stands_for_no_date_in_an_export_is_blank(cell: Filled) -> None:
    if fill(cell, WORDS.blanks) is None:
        return
    assert date(cell) is None
    assert date(cell, order="month-day") is None


@pytest.mark.parametrize(
    ("texts", "day"),
    [
        (["2026-12-01T02:30:00.000Z"], "2026-11-30"),
        (["2026-12-01 02:30:00+00"], "2026-11-30"),
        (["2026-12-01 02:30 UTC"], "2026-11-30"),
        (["12/13/2026 02:30 AM GMT"], "2026-12-12"),
        (["Tue, 01 Dec 2026 02:30:00 +0000"], "2026-11-30"),
        (["2026-11-30T23:30:00-11:00"], "2026-12-01"),
        (["2026-12-01T09:30:00+01:00"], "2026-12-01"),
        (["2026-12-01 02:30"], "2026-12-01"),
        (["2026-12-01 02:30 PST"], "2026-12-01"),
        (["2026-12-01T00:00:00Z"], "2026-12-01"),
        (["2026-12-01T00:00:00Z", "2026-12-04T10:15:00Z"], "2026-11-30"),
        (["2026-12-01T02:75:00Z"], "2026-12-01"),
        (["2026-12-01 02:30:00 (UTC)"], "2026-11-30"),
        (["2026-12-01 02:30 UTC+2"], "2026-11-30"),
        (["2026-12-01 02:30 GMT-0530"], "2026-12-01"),
        (["2026-12-01T02:30:00+01:00[Europe/Berlin]"], "2026-11-30"),
        (["2026-12-01 02:30 EST"], "2026-11-30"),
        (["1969-12-31T16:00:00-08:00", "2026-12-01T09:00:00Z"], "None"),
        (["1970-01-01T08:30:00+09:00"], "None"),
        (["1899-12-30T08:00:00Z"], "None"),
        (["9999-12-31T23:59:59Z"], "is not between 1950 and 2150"),
    ],
)
def test_a_stamp_that_names_its_clock_is_the_teams_day(texts: list[str], day: str) -> None:
    read = date_reader(texts, Reading(WORDS, zone=ZoneInfo("America/Los_Angeles")))(texts[0])
    assert (read.what if isinstance(read, CellFault) else str(read)) == day
