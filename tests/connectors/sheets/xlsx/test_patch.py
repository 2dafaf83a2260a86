"""Cells put into a worksheet's markup; the inputs stand beside what comes out."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from fivestep.connectors.sheets.xlsx.markup import CellRange, area, text_markup
from fivestep.connectors.sheets.xlsx.patch import with_cells
from fivestep.connectors.sheets.xlsx.widths import with_widths
from fivestep.connectors.sheets.xlsx.zip_members import with_member
from tests.connectors.sheets.xlsx.test_sheet import zipped


def new(cell: str, text: str, style: str = "") -> str:
    styled = f' s="{style}"' if style else ""
    return f'<c r="{cell}"{styled} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


@pytest.mark.parametrize(
    ("before", "cells", "after"),
    [
        pytest.param(
            '<row r="1"><c r="A1"><v>1</v></c><c r="C1"><v>3</v></c></row>',
            {1: {1: "x"}},
            f'<row r="1"><c r="A1"><v>1</v></c>{new("B1", "x")}<c r="C1"><v>3</v></c></row>',
            id="a cell in between",
        ),
        pytest.param(
            '<row r="1"><c r="A1" s="4" t="s" cm="1"><v>17</v></c><c r="B1"/></row>',
            {1: {0: "x", 1: "y"}},
            f'<row r="1">{new("A1", "x", "4")}{new("B1", "y")}</row>',
            id="cells that are there",
        ),
        pytest.param(
            '<row r="1"><c r="A1" s="4" t="s"><v>17</v></c><c r="B1" t="s"><v>1</v></c></row>',
            {1: {0: "", 1: "", 2: ""}},
            '<row r="1"><c r="A1" s="4"/><c r="B1"/></row>',
            id="cells that are emptied",
        ),
        pytest.param(
            '<row r="2" ht="20"/>',
            {2: {0: "x", 2: "z"}},
            f'<row r="2" ht="20">{new("A2", "x")}{new("C2", "z")}</row>',
            id="a row that closes itself",
        ),
        pytest.param(
            '<row r="2"></row><row r="5"><c r="A5"/></row>',
            {1: {0: "a"}, 3: {0: "c"}, 4: {1: "d"}, 7: {0: "g"}, 6: {0: "f"}},
            f'<row r="1">{new("A1", "a")}</row><row r="2"></row><row r="3">{new("A3", "c")}</row>'
            f'<row r="4">{new("B4", "d")}</row><row r="5"><c r="A5"/></row>'
            f'<row r="6">{new("A6", "f")}</row><row r="7">{new("A7", "g")}</row>',
            id="rows that are missing",
        ),
        pytest.param(
            "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
            {1: {1: "x"}, 2: {2: "y"}},
            f"<row><c><v>1</v></c>{new('B1', 'x')}</row><row><c><v>3</v></c>{new('C2', 'y')}</row>",
            id="rows and cells that do not say where they are",
        ),
        pytest.param(
            '<row r="1" spans="2:3"><c r="B1"/></row><row r="2" spans="1:4"><c r="A2"/></row>',
            {1: {4: "x"}, 2: {1: "y"}},
            f'<row r="1" spans="2:5"><c r="B1"/>{new("E1", "x")}</row>'
            f'<row r="2" spans="1:4"><c r="A2"/>{new("B2", "y")}</row>',
            id="spans",
        ),
        pytest.param(
            '<!-- <row r="1"> --><row r="1" x="a>b"><c r="A1"><f>"&lt;c>"</f><v/></c><?pi <c r="B1"/>?></row>',
            {1: {1: "x"}},
            '<!-- <row r="1"> --><row r="1" x="a>b"><c r="A1"><f>"&lt;c>"</f><v/></c><?pi <c r="B1"/>?>'
            f"{new('B1', 'x')}</row>",
            id="markup that only looks like cells",
        ),
    ],
)
def test_cells_are_put_in(before: str, cells: dict[int, dict[int, str]], after: str) -> None:
    extension = "<extLst><row r='1'/><row r='99'><c r='A99'/></row></extLst>"
    sheet = "<worksheet><cols/><sheetData>{}</sheetData>" + extension + "</worksheet>"
    assert with_cells(sheet.format(before).encode(), cells).decode() == sheet.format(after)


@pytest.mark.parametrize("empty", ["<x:sheetData/>", "<x:sheetData></x:sheetData>", "<x:sheetData />"])
def test_a_tab_without_rows(empty: str) -> None:
    after = with_cells(f"<x:worksheet>{empty}<x:legacyDrawing/></x:worksheet>".encode(), {2: {0: "a"}, 1: {0: "b"}})
    assert re.sub(r'xml:space="preserve"| |inlineStr', "", after.decode()) == (
        '<x:worksheet><x:sheetData><x:rowr="1"><x:cr="A1"t=""><x:is><x:t>b</x:t></x:is></x:c></x:row>'
        '<x:rowr="2"><x:cr="A2"t=""><x:is><x:t>a</x:t></x:is></x:c></x:row></x:sheetData><x:legacyDrawing/></x:worksheet>'
    )


def test_a_byte_order_mark_moves_nothing() -> None:
    sheet = (
        '\ufeff<?xml version="1.0" encoding="UTF-8"?><worksheet><sheetData><row r="1">{}</row></sheetData></worksheet>'
    )
    after = with_cells(sheet.format('<c r="A1"><v>ü</v></c>').encode(), {1: {1: "x"}})
    assert after.decode() == sheet.format('<c r="A1"><v>ü</v></c>' + new("B1", "x"))


@pytest.mark.parametrize(
    ("dimension", "grown"), [("A1", "A1:C7"), ("B2:D3", "B2:D7"), ("$A$1:$Z$99", "$A$1:$Z$99"), ("C7", "C7")]
)
def test_the_dimension_grows_where_it_must(dimension: str, grown: str) -> None:
    sheet = "<worksheet><dimension ref='{}'/><sheetData><row r='7'/></sheetData></worksheet>"
    assert with_cells(sheet.format(dimension).encode(), {7: {2: "x"}}).startswith(sheet.format(grown)[:40].encode())


def test_new_headers_take_the_looks_of_one_that_is_there() -> None:
    rows = '<row r="3"><c r="A3" s="7"/></row><row r="4"><c r="A4" s="2"/></row>'
    sheet = f"<worksheet><sheetData>{rows}</sheetData></worksheet>"
    after = with_cells(sheet.encode(), {3: {1: "b", 2: "c"}, 4: {1: "d"}}, header=(3, 0)).decode()
    assert re.findall(r'<c r="(\w+)"(?: s="(\d)")?', after) == [
        ("A3", "7"), ("B3", "7"), ("C3", "7"), ("A4", "2"), ("B4", "")
    ]  # fmt: skip


def wide(column: int, width: int, prefix: str = "") -> str:
    return f'<{prefix}col min="{column}" max="{column}" width="{width}" customWidth="1"/>'


B, C, D = wide(2, 10), wide(3, 34), wide(4, 34)
OWN = '<col min="1" max="1" width="3" style="5"/>'
FAR = '<col min="7" max="16384" hidden="1"/>'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"<cols>{B}{C}{D}</cols>"),
        ("<sheetFormatPr/>", f"<sheetFormatPr/><cols>{B}{C}{D}</cols>"),
        (f"<cols>{OWN}</cols>", f"<cols>{OWN}{B}{C}{D}</cols>"),
        (f"<cols>{OWN}\n{FAR}\n</cols>", f"<cols>{OWN}\n{B}{C}{D}{FAR}\n</cols>"),
        (f"<cols>{wide(3, 5)}</cols>", f"<cols>{B}{wide(3, 5)}{D}</cols>"),
        (f"<cols>{wide(3, 5)}{FAR}</cols>", f"<cols>{B}{wide(3, 5)}{D}{FAR}</cols>"),
        ('<cols><col max="16384" min="2"/></cols>', '<cols><col max="16384" min="2"/></cols>'),
        ("<cols><col min='1' max='3'></col></cols>", f"<cols><col min='1' max='3'></col>{D}</cols>"),
        ("<cols/>", f"<cols>{B}{C}{D}</cols>"),
        ("<cols />", f"<cols >{B}{C}{D}</cols>"),
        ("<cols></cols>", f"<cols>{B}{C}{D}</cols>"),
        (f"<cols>{OWN}</cols><cols>{FAR}</cols>", f"<cols>{OWN}</cols><cols>{B}{C}{D}{FAR}</cols>"),
        (f"<!-- <cols> -->\ufeffä{' ' * 70_000}", f"<!-- <cols> -->\ufeffä{' ' * 70_000}<cols>{B}{C}{D}</cols>"),
        ("<extLst><col min='2' max='9'/></extLst>", f"<extLst><col min='2' max='9'/></extLst><cols>{B}{C}{D}</cols>"),
    ],
    ids=lambda markup: markup[:40].strip(),
)
def test_columns_without_a_width_get_one(before: str, after: str) -> None:
    sheet = "<worksheet>{}<sheetData><row r='1'/></sheetData><cols><col min='2' max='2'/></cols></worksheet>"
    assert with_widths(sheet.format(before).encode(), {3: 34, 1: 10, 2: 34}).decode() == sheet.format(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<x:worksheet><x:sheetData/></x:worksheet>", "<x:worksheet><x:cols>{}</x:cols><x:sheetData/></x:worksheet>"),
        ("<x:worksheet><x:cols/><x:rows/></x:worksheet>", "<x:worksheet><x:cols>{}</x:cols><x:rows/></x:worksheet>"),
        # A prefix that is declared on the rows alone means nothing before them.
        ("<x:worksheet><y:sheetData/></x:worksheet>", "<x:worksheet><x:cols>{}</x:cols><y:sheetData/></x:worksheet>"),
        ("<worksheet><x:cols/><sheetData/></worksheet>", "<worksheet><x:cols>{}</x:cols><sheetData/></worksheet>"),
    ],
)
def test_widths_have_the_prefix_of_what_they_stand_in(before: str, after: str) -> None:
    assert with_widths(before.encode(), {6: 34}).decode() == after.format(wide(7, 34, "x:"))


@pytest.mark.parametrize("padding", range((1 << 16) - 40, 1 << 16))
def test_a_head_that_ends_anywhere_in_what_is_looked_at_in_one_go(padding: int) -> None:
    before = "<worksheet>" + " " * (padding - 20)
    xml = with_widths(f"{before}<sheetData/></worksheet>".encode(), {1: 10})
    assert xml.decode() == f"{before}<cols>{B}</cols><sheetData/></worksheet>"


def test_without_new_columns_nothing_is_looked_at() -> None:
    assert with_widths(b"no XML", {}) == b"no XML"


DESCRIBED = st.lists(st.integers(1, 12), unique=True, max_size=8).map(sorted)


@given(DESCRIBED, st.dictionaries(st.integers(0, 12), st.integers(5, 50)))
def test_every_column_is_described_once_and_in_order(cuts: list[int], widths: dict[int, int]) -> None:
    own = [(first, last - 1) for first, last in zip(cuts[::2], cuts[1::2], strict=False)]
    described = "".join(f'<col min="{first}" max="{last}"/>' for first, last in own)
    xml = f"<worksheet>{f'<cols>{described}</cols>' if described else ''}<sheetData/></worksheet>"
    columns = ElementTree.fromstring(with_widths(xml.encode(), widths)).findall("cols/col")
    found = [(int(each.attrib["min"]), int(each.attrib["max"])) for each in columns]
    free = {column + 1 for column in widths} - {n for first, last in own for n in range(first, last + 1)}
    assert found == sorted([*own, *((column, column) for column in free)])
    assert {int(each.attrib["min"]): int(each.attrib["width"]) for each in columns if "width" in each.attrib} == {
        column: widths[column - 1] for column in free
    }


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("a < b & c > d", b"a &lt; b &amp; c &gt; d"),
        ("\0\x0b\ufffe\ud800ok\t\n", b"ok\t\n"),
        ("a\r\nb", b"a_x000D_\nb"),
        ("_x000D_ _X000D_", b"_x005F_x000D_ _X000D_"),
        ("ü🎉", b"&#252;&#127881;"),
        ("x" * 40_000, b"x" * 32_766 + b"&#8230;"),
        ("🎉" * 20_000, b"&#127881;" * 16_383 + b"&#8230;"),
        ("x" * 32_767, b"x" * 32_767),
    ],
    ids=lambda value: repr(value[:12]),
)
def test_texts_as_markup(text: str, markup: bytes) -> None:
    assert text_markup(text) == markup


def test_areas() -> None:
    assert area("B2:$AA$10") == CellRange(2, 1, 10, 26)
    assert str(CellRange(2, 1, 10, 26)) == "B2:AA10"


CELLS = st.dictionaries(
    st.integers(1, 8), st.dictionaries(st.integers(0, 30), st.text(st.sampled_from("ab<&>_x000D \n"), max_size=12))
)


@given(CELLS, CELLS)
def test_every_cell_is_read_back_and_no_other_changes(
    first: dict[int, dict[int, str]], second: dict[int, dict[int, str]]
) -> None:
    empty = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
    xml = with_cells(with_cells(empty, first), second)
    expected = {(row, column): text for row, cells in first.items() for column, text in cells.items()}
    expected |= {(row, column): text for row, cells in second.items() for column, text in cells.items()}
    assert read(xml) == {place: text for place, text in expected.items() if text}
    rows = [int(row.get("r", "")) for row in ElementTree.fromstring(xml)[0]]
    assert rows == sorted(set(rows))


def read(xml: bytes) -> dict[tuple[int, int], str]:
    """What calamine sees in a workbook whose only tab has this markup."""
    names = "http://schemas.openxmlformats.org"
    kinds = f"{names}/officeDocument/2006/relationships"
    book = zipped(
        **{
            "_rels/.rels": f'<Relationships xmlns="{names}/package/2006/relationships"><Relationship Id="a" '
            f'Type="{kinds}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{names}/spreadsheetml/2006/main" xmlns:r="{kinds}"><sheets>'
            '<sheet name="a" sheetId="1" r:id="b"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{names}/package/2006/relationships">'
            f'<Relationship Id="b" Type="{kinds}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": xml.decode(),
        }
    )
    table = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return {
        (number, column): str(cell) for number, row in enumerate(table, 1) for column, cell in enumerate(row) if cell
    }


@given(
    st.lists(st.tuples(st.binary(max_size=200), st.booleans()), min_size=1, max_size=6),
    st.binary(max_size=200),
    st.data(),
)
def test_an_archive_with_one_member_replaced(
    parts: list[tuple[bytes, bool]], content: bytes, data: st.DataObject
) -> None:
    file = io.BytesIO(b"before")
    with zipfile.ZipFile(file, "w") as archive:
        for position, (part, stored) in enumerate(parts):
            info = zipfile.ZipInfo(f"ä{position}", (2026, 1, 1 + position, 0, 0, 2 * position))
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=bool(position % 2)) as member:
                member.write(part)
    chosen = data.draw(st.integers(0, len(parts) - 1))
    with zipfile.ZipFile(io.BytesIO(with_member(file.getvalue(), f"ä{chosen}", content))) as after:
        assert after.testzip() is None
        assert [info.date_time[2] for info in after.infolist()] == list(range(1, len(parts) + 1))
        expected = [content if position == chosen else part for position, (part, _) in enumerate(parts)]
        assert [after.read(info) for info in after.infolist()] == expected


class Stream(io.BytesIO):
    """A file that can't be gone back in, for which sizes are written behind the data."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError


def test_an_archive_that_was_written_to_a_stream() -> None:
    file = Stream()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"first")
        archive.writestr("b", b"second")
    with zipfile.ZipFile(io.BytesIO(with_member(file.getvalue(), "a", b"changed"))) as after:
        assert [(info.filename, info.flag_bits, after.read(info)) for info in after.infolist()] == [
            ("a", 0, b"changed"),
            ("b", 8, b"second"),
        ]


def test_long_sizes_are_written_as_short_ones() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo("a")
        info.extra = struct.pack("<HHQQ", 1, 16, 5, 5) + struct.pack("<HH2s", 0x9999, 2, b"ok")
        archive.writestr(info, b"first")
    with zipfile.ZipFile(io.BytesIO(with_member(file.getvalue(), "a", b"changed"))) as after:
        assert [info.extra for info in after.infolist()] == [struct.pack("<HH2s", 0x9999, 2, b"ok")]
