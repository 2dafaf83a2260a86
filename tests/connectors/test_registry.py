"""Which connector a setting means, and connectors of other packages."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from fivestep.config.settings.model import DraftSettings, PipelineSettings, Settings
from fivestep.connectors.mailbox import Found, Known, Mailbox, Message
from fivestep.connectors.plugins import named_connector
from fivestep.connectors.registry import open_ledger, open_mailbox, open_sheet
from fivestep.connectors.sheet import Sheet, WriteRequest
from fivestep.errors import SettingsError, UnreachableError
from fivestep.process.model.plan import Change
from tests import ROOT

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
TOKEN = "5d41402abc4b2a76b9719d911017c592"
TINY = ROOT / "examples" / "json_sheet"


def settings(folder: Path, sheet: str = "deals.csv", to: str = "drafts/", **connectors: Any) -> Settings:
    return Settings(
        pipeline=PipelineSettings(sheet=sheet), drafts=DraftSettings(to=to), base=folder, connectors=connectors
    )


def fault(opened: Any, made: Settings) -> str:
    with pytest.raises(SettingsError) as error:
        opened(made)
    return str(error.value)


def install(folder: Path, package: str, entry_points: str) -> None:
    """Make a package known as an installer would."""
    about = folder / f"{package}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(entry_points)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for installed packages."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    modules = set(sys.modules)
    yield folder
    for new in set(sys.modules) - modules:
        if str(getattr(sys.modules[new], "__file__", "")).startswith((str(folder), str(TINY))):
            del sys.modules[new]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example connector, built as an installer would."""
    folder = tmp_path_factory.mktemp("tiny")
    shutil.copytree(TINY, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    build = "from setuptools import build_meta; build_meta.build_wheel('..')"
    subprocess.run([sys.executable, "-c", build], cwd=folder / "source", check=True, capture_output=True)
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture
def tiny(site: Path, wheel: Path) -> Path:
    """The example connector, installed."""
    with ZipFile(wheel) as packed:
        packed.extractall(site)
    return site


@pytest.mark.parametrize(
    ("sheet", "kind"),
    [
        ("a.xlsx", "XlsxSheet"),
        ("a.XLSM", "XlsxSheet"),
        ("b/a.csv", "CsvSheet"),
        ("a.tsv", "CsvSheet"),
        ("a.txt", "CsvSheet"),
    ],
)
def test_the_ending_of_the_name_decides(tmp_path: Path, sheet: str, kind: str) -> None:
    assert type(open_sheet(settings(tmp_path, sheet))).__name__ == kind


def test_the_encoding_reaches_the_file(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_bytes("Miasto\nŁódź\n".encode("cp1250"))
    named = PipelineSettings(sheet="deals.csv", encoding="cp1250")
    assert open_sheet(Settings(pipeline=named, base=tmp_path)).read().rows == [["Miasto"], ["Łódź"]]
    workbook = PipelineSettings(sheet="deals.xlsx", encoding="cp1250")
    assert "remove encoding = 'cp1250'" in fault(open_sheet, Settings(pipeline=workbook, base=tmp_path))


@pytest.mark.parametrize("sheet", ["deals", "deals.xls", "deals.ods", "deals.numbers"])
def test_another_ending_says_what_to_do(tmp_path: Path, sheet: str) -> None:
    message = fault(open_sheet, settings(tmp_path, sheet))
    assert message.startswith(f"fivestep.toml: pipeline.sheet: found {sheet!r}; must end in .xlsx, ")
    assert "save it as .xlsx" in message


@pytest.mark.parametrize(
    "url",
    ["https://docs.google.com/spreadsheets/d/1abc/edit#gid=7", "https://docs.google.com/spreadsheets/u/1/d/1a_-b"],
)
def test_a_google_spreadsheet_is_named_by_its_address(tmp_path: Path, url: str) -> None:
    assert type(open_sheet(settings(tmp_path, url))).__name__ == "GoogleSheet"
    text = PipelineSettings(sheet=url, encoding="cp1250")
    assert "remove encoding = 'cp1250'" in fault(open_sheet, Settings(pipeline=text, base=tmp_path))


@pytest.mark.parametrize("url", ["https://docs.google.com/document/d/1abc/edit", "http://northwind.example/deals.csv"])
def test_another_address_says_what_to_write_instead(tmp_path: Path, url: str) -> None:
    assert "the address of a Google spreadsheet" in fault(open_sheet, settings(tmp_path, url))


@pytest.mark.parametrize("to", ["gmail", "Gmail"])
def test_gmail_is_named_so(tmp_path: Path, to: str) -> None:
    assert type(open_mailbox(settings(tmp_path, to=to))).__name__ == "GmailMailbox"


def test_drafts_and_ledger_lie_beside_the_settings(tmp_path: Path) -> None:
    made = settings(tmp_path, to="out")
    open_mailbox(made).create(
        Message(TOKEN, "k", "D-1", "ana@northwind.example", "bo@x.example", "Hi", "Hi", "Hi", NOW)
    )
    assert list((tmp_path / "out").iterdir())
    ledger = open_ledger(made)
    ledger.finish(ledger.begin("p", "run", NOW.date(), NOW, plan=None, changes=[]), "done", NOW, {})
    ledger.close()
    assert (tmp_path / "fivestep.db").exists()


@pytest.mark.parametrize(
    ("setting", "meant"),
    [
        ("json:deals.json", ("json", "deals.json")),
        ("json:", ("json", "")),
        ("my-crm:https://crm.example/x", ("my-crm", "https://crm.example/x")),
        (r"C:\sales\drafts", None),
        ("C:/sales/drafts", None),
        ("https://crm.example/x", None),
        ("drafts/", None),
    ],
)
def test_a_name_before_a_colon_is_a_connector_but_no_drive(setting: str, meant: tuple[str, str] | None) -> None:
    assert named_connector(setting) == meant


def test_a_sheet_of_another_package(tmp_path: Path, tiny: Path) -> None:
    rows = [["Deal ID", "Stage"], ["D-1", "Pitch"]]
    (tmp_path / "deals.json").write_text(json.dumps(rows))
    sheet = open_sheet(settings(tmp_path, "json:deals.json", json={"indent": 2}))
    assert isinstance(sheet, Sheet)
    table = sheet.read()
    change = Change("D-1", 2, "Status", "", "On track")
    assert [w.outcome for w in sheet.write(WriteRequest(table, 1, "Deal ID", ["Status"], [change]))] == ["written"]
    assert sheet.read().rows == [["Deal ID", "Stage", "Status"], ["D-1", "Pitch", "On track"]]
    assert (tmp_path / "deals.json").read_text().startswith("[\n  [")


def test_a_mailbox_of_another_package(tmp_path: Path, tiny: Path) -> None:
    mailbox = open_mailbox(settings(tmp_path, to="jsonl:drafts.jsonl"))
    assert isinstance(mailbox, Mailbox)
    message = Message(TOKEN, "k", "D-1", "ana@northwind.example", "bo@x.example", "Hi", "Hi", "Hi", NOW)
    draft = mailbox.create(message)
    known = Known(TOKEN, draft, message.sender, message.to, message.subject, NOW)
    assert mailbox.trace([known, known._replace(token="t2", draft_id="")]) == [Found(draft, "created"), None]
    (tmp_path / "drafts.jsonl").write_text("")
    assert mailbox.trace([known]) == [Found(draft, "unknown")]


def test_an_unknown_connector_lists_what_is_there(tmp_path: Path, tiny: Path) -> None:
    message = fault(open_sheet, settings(tmp_path, "jsom:deals.json"))
    assert "no connector of the name jsom is installed (there are: json); did you mean json?" in message


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import no_such_module", "failed with ModuleNotFoundError: No module named 'no_such_module'"),
        ("x = 1", "failed with AttributeError"),
        ("def make(rest): pass", "failed with TypeError"),
        ("def make(*_): return {}", "gave a dict, which is no sheet"),
        ("def make(*_): raise OSError('gone')", "failed with OSError: gone"),
    ],
)
def test_a_broken_connector_names_its_package(tmp_path: Path, site: Path, code: str, said: str) -> None:
    (site / "broken_sheet.py").write_text(code)
    install(site, "acme_sheets", "[fivestep.sheets]\nacme = broken_sheet:make\n")
    message = fault(open_sheet, settings(tmp_path, "acme:x"))
    assert "the connector of the package acme_sheets" in message
    assert said in message


def test_a_connector_may_raise_faults_of_its_own(tmp_path: Path, site: Path) -> None:
    code = "from fivestep.errors import UnreachableError\ndef make(*_): raise UnreachableError('try later')"
    (site / "away_sheet.py").write_text(code)
    install(site, "acme_sheets", "[fivestep.sheets]\nacme = away_sheet:make\n")
    with pytest.raises(UnreachableError, match="try later"):
        open_sheet(settings(tmp_path, "acme:x"))
