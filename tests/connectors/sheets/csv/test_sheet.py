"""Delimited files as sheets."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivestep.connectors.sheet import Sheet, WriteRequest, Written
from fivestep.connectors.sheets.csv.encoding import decoded_file, decoded_in, form_of
from fivestep.connectors.sheets.csv.records import joined_records, raw, records, value
from fivestep.connectors.sheets.csv.sheet import CsvSheet
from fivestep.connectors.testing.sheet import Rows, SheetFileContract
from fivestep.errors import SettingsError
from fivestep.process.model.plan import Change


class TestCsvSheet(SheetFileContract):
    @pytest.fixture(autouse=True)
    def in_a_folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "deals.csv"

    def fill(self, rows: Rows) -> Sheet:
        with self.path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return CsvSheet(self.path)


def written(path: Path, content: bytes, *changes: Change, new_columns: tuple[str, ...] = ()) -> bytes:
    """The file's content after a write, the header being in row 1 and the IDs under `ID`."""
    path.write_bytes(content)
    sheet = CsvSheet(path)
    sheet.write(WriteRequest(sheet.read(), 1, "ID", new_columns, changes))
    return path.read_bytes()


STALLED = Change("1", 2, "Status", "", "Stalled")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"ID,Status\n1,\n2,x", b"ID,Status\n1,Stalled\n2,x"),
        (b"ID,Status\r\n1,\r\n2,x\n3,y\r", b"ID,Status\r\n1,Stalled\r\n2,x\n3,y\r"),
        (b'"ID";"Status"\n"1";""\n', b'"ID";"Status"\n"1";"Stalled"\n'),
        (b'ID;Status;Note\n1;;"a;\n""b"""\n2;;"c"d', b'ID;Status;Note\n1;Stalled;"a;\n""b"""\n2;;"c"d'),
        (b"ID\tStatus\n1\t\n", b"ID\tStatus\n1\tStalled\n"),
        (b"ID|Status\n1\n", b"ID|Status\n1|Stalled\n"),
        (b"\xef\xbb\xbfID,Status\n1,\n", b"\xef\xbb\xbfID,Status\n1,Stalled\n"),
        (b"ID,Status,Ort\n1,,K\xf6ln \x80\n", b"ID,Status,Ort\n1,Stalled,K\xf6ln \x80\n"),
        ("\ufeffID\tStatus\r\n1\t\r\n".encode("utf-16-le"), "\ufeffID\tStatus\r\n1\tStalled\r\n".encode("utf-16-le")),
        ("\ufeffID\tStatus\r\n1\t\r\n".encode("utf-16-be"), "\ufeffID\tStatus\r\n1\tStalled\r\n".encode("utf-16-be")),
        (b"sep=;\r\nID;Status\r\n1;\r\n", b"sep=;\r\nID;Status\r\n1;Stalled\r\n"),
    ],
    ids=lambda content: repr(content[:24]),
)
def test_a_file_keeps_its_form(tmp_path: Path, before: bytes, after: bytes) -> None:
    assert written(tmp_path / "deals.csv", before, STALLED) == after


def test_new_columns_make_short_rows_as_wide_and_leave_what_is_above(tmp_path: Path) -> None:
    content = b"Report\nID,Deal\n1,Alpha\n\n2\nTotal\n"
    path = tmp_path / "deals.csv"
    path.write_bytes(content)
    sheet = CsvSheet(path)
    request = WriteRequest(sheet.read(), 2, "ID", ["Status", "Next"], [Change("2", 5, "Next", "", "a, b")])
    assert sheet.write(request) == [Written("written", 5)]
    assert path.read_bytes() == b'Report\nID,Deal,Status,Next\n1,Alpha,,\n\n2,,,"a, b"\nTotal,,,\n'


def test_a_character_that_the_encoding_lacks_fails_that_change_alone(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes(b"ID,Status,Ort\n1,,K\xf6ln\n2,,Bonn\n")
    sheet = CsvSheet(path)
    changes = [Change("1", 2, "Status", "", "✅"), Change("2", 3, "Status", "", "ok")]
    failed, fine = sheet.write(WriteRequest(sheet.read(), 1, "ID", (), changes))
    assert (failed.outcome, failed.row, fine) == ("failed", 2, Written("written", 3))
    assert "UTF-8" in failed.reason
    assert path.read_bytes() == b"ID,Status,Ort\n1,,K\xf6ln\n2,ok,Bonn\n"


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("Name,Amount\nA,1\n", ","),
        ("Firma;Betrag\nA;12.500,00\nB;3,00\n", ";"),
        ("Deal;Address;Note\nA;Main St 1, Berlin, DE;x\nB;Side St 2, Bonn, DE;y\n", ";"),
        ("a\tb, c\n1\t2, 3\n", "\t"),
        ("Report of May; all deals\nName,Stage,Tags\nA,Pitch,x|y\nB,Won,y|z\n", ","),
        ('Name,Note\nA,"x;y;z\n;;;"\nB,"1;2"\n', ","),
        ("one column\nof words\n", ","),
        ("", ","),
    ],
)
def test_the_delimiter_is_the_one_that_makes_even_rows(text: str, delimiter: str) -> None:
    assert form_of(text).delimiter == delimiter


def test_blank_lines_and_records_over_several_lines_count_as_rows(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text('a,b\n\n"x\ny",2\n3\n', encoding="utf-8")
    table = CsvSheet(path).read()
    assert table.rows == [["a", "b"], [], ["x\ny", "2"], ["3"]]
    assert table.title == "deals.csv"


def test_a_quote_that_never_ends_is_a_character() -> None:
    fields = [record.fields for record in records('a,b\n1,2 "in"\n"x""z,y\n3,4\n', ",")]
    assert fields == [["a", "b"], ["1", '2 "in"'], ['"x""z', "y"], ["3", "4"]]
    assert value('"x""z') == '"x""z'


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"a\x81b", b"\xff\xfea"])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="save it as CSV UTF-8"):
        CsvSheet(path).read()


POLISH = "ID,Status,Miasto\n1,,Łódź\n2,x,Żary\n"


def test_a_file_is_in_the_encoding_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes(POLISH.encode("cp1250"))
    sheet = CsvSheet(path, None, "cp1250")
    table = sheet.read()
    assert [row[2] for row in table.rows] == ["Miasto", "Łódź", "Żary"]
    changes = [Change("1", 2, "Status", "", "Próba"), Change("2", 3, "Status", "x", "✅")]
    fine, failed = sheet.write(WriteRequest(table, 1, "ID", (), changes))
    assert fine == Written("written", 2)
    assert failed.reason.endswith("save it as CSV UTF-8 and remove encoding under [pipeline]")
    assert path.read_bytes() == POLISH.replace("1,,", "1,Próba,").encode("cp1250")


@pytest.mark.parametrize(
    ("encoding", "content", "said"),
    [
        ("cp1250", b"a\r\nb\rc\nd\x81", "line 4 holds the byte 0x81"),
        ("utf-8", b"a\nK\xf6ln", "line 2 holds the byte 0xf6"),
        ("shift_jis", b"a\n\n\x83\x65\xff", "line 3 holds the byte 0xff"),
        ("cp1250", b"\xef\xbb\xbfa", "begins with the byte order mark of utf-8"),
        ("cp1250", "\ufeffa".encode("utf-16-le"), "begins with the byte order mark of utf-16-le"),
        ("utf-16-be", "\ufeffa".encode("utf-16-le"), "begins with the byte order mark of utf-16-le"),
        ("utf-8-sig", "\ufeffa".encode("utf-16-be"), "begins with the byte order mark of utf-16-be"),
        ("cp1250", "a,b".encode("utf-16-le"), "holds null characters"),
        ("utf-16", "a,b".encode("utf-16-le"), "would not be the same bytes"),
        ("unicode_escape", b"a,b\n", "would not be the same bytes"),
    ],
)
def test_a_file_that_is_in_another_encoding_than_the_named_one(
    tmp_path: Path, encoding: str, content: bytes, said: str
) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as fault:
        CsvSheet(path, None, encoding).read()
    assert str(fault.value).startswith(f"deals.csv is not as encoding = {encoding!r} under [pipeline] says: ")
    assert said in str(fault.value)


@given(
    st.text(st.characters(codec="cp1250", exclude_characters="\0")),
    st.sampled_from(["cp1250", "utf-8", "utf-8-sig", "utf-16-le", "gb18030"]),
    st.sampled_from(["", "\ufeff"]),
)
def test_text_in_a_named_encoding_is_read_and_written_as_it_was(text: str, encoding: str, mark: str) -> None:
    marked = mark if encoding.startswith("utf") else ""
    content = (marked + text).encode(encoding.removesuffix("-sig"))
    encoded = decoded_in(encoding, content)
    assert (encoded.text, encoded.encode(encoded.text)) == (text, content)


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_right_for_both_of_its_byte_orders(order: str) -> None:
    assert decoded_in("UTF-16", "\ufeffŁ".encode(order)).text == "Ł"


def test_a_tab_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="has no tabs"):
        CsvSheet(tmp_path / "deals.csv", "Deals")


MARKUP = st.text(st.sampled_from('ab,;\t|"\r\n =sep'), max_size=60)


@given(MARKUP, st.sampled_from(",;\t|"))
def test_records_joined_are_the_text(text: str, delimiter: str) -> None:
    assert joined_records(records(text, delimiter), delimiter) == text


@given(MARKUP)
def test_decoding_and_form_never_lose_a_byte(text: str) -> None:
    encoded = decoded_file(text.encode())
    form = form_of(encoded.text)
    parts = list(records(encoded.text[form.start :], form.delimiter))
    assert encoded.encode(text[: form.start] + joined_records(parts, form.delimiter)) == text.encode()


@given(st.lists(MARKUP, min_size=1), st.booleans())
def test_a_record_says_what_was_put_into_it(cells: list[str], always: bool) -> None:
    line = ",".join(raw(cell, ",", always_quoted=always) for cell in cells)
    (record,) = list(records(line + "\n", ","))
    assert [value(field) for field in record.fields] == cells


@given(st.lists(st.lists(MARKUP, min_size=2, max_size=4), min_size=1), st.sampled_from(["\n", "\r\n"]))
def test_reads_what_the_standard_library_writes(rows: list[list[str]], end: str) -> None:
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator=end).writerows(rows)
    assert [[value(field) for field in record.fields] for record in records(file.getvalue(), ",")] == rows


def test_a_row_without_an_end_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    for cell in ('"' + "x\n" * 3_000_000 + '"', "x" * 5_000_000):
        path.write_text(f"Deal,Stage\nPump,Pitch\nTank,{cell}\n")
        with pytest.raises(SettingsError, match="line 3 begins a row of more than 4,194,304 characters"):
            CsvSheet(path).read()
