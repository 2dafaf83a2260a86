"""Loading the settings: what they say, where their files are, and all mistakes at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from fivestep.config.settings.load import load_settings
from fivestep.config.settings.model import Settings
from fivestep.config.settings.public_holidays import public_holidays
from fivestep.errors import Mistake, SettingsError
from tests import ROOT
from tests.fakes.typed import typed

SMALLEST = '[pipeline]\nsheet = "deals.csv"\n[columns]\nstage = "Stage"\n'

WHOLE = """
[pipeline]
name = "Northwind sales"
sheet = "data/pipeline.xlsx"
tab = "Deals"
timezone = "Europe/Berlin"
holidays = "DE-BE"
weekend = ["fri", "sat"]
[columns]
deal = "Opportunity"
stage = "Stage"
email = "Contact e-mail"
[stages]
"Proposal sent" = "Pitch"
[drafts]
to = "out/"
from = "Ana Sommer <ana@northwind.example>"
per_run = 5
[write_back]
follow_up = ""
[google]
login = "service-account"
[connectors.crm]
region = "eu"
pages = 3
"""


def write(folder: Path, text: str | bytes, name: str = "fivestep.toml") -> Path:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def load(folder: Path, text: str | bytes = SMALLEST, **environ: str) -> Settings:
    return load_settings(write(folder, text), environ)


def mistakes(folder: Path, text: str | bytes = SMALLEST, **environ: str) -> list[Mistake]:
    with pytest.raises(SettingsError) as error:
        load(folder, text, **environ)
    return list(error.value.mistakes)


def only(folder: Path, text: str | bytes = SMALLEST, **environ: str) -> Mistake:
    (mistake,) = mistakes(folder, text, **environ)
    return mistake


def test_a_whole_file(tmp_path: Path) -> None:
    settings = load(tmp_path, WHOLE)
    assert settings.pipeline.name == "Northwind sales"
    assert settings.zone.key == "Europe/Berlin"
    assert settings.pipeline.weekend == ("fri", "sat")
    assert settings.columns["email"] == "Contact e-mail"
    assert settings.stages == {"Proposal sent": "Pitch"}
    assert settings.drafts.sender == "Ana Sommer <ana@northwind.example>"
    assert (settings.drafts.per_run, settings.drafts.per_day) == (5, 50)
    assert (settings.write_back.status, settings.write_back.follow_up) == ("Status", "")
    assert settings.google.login == "service-account"
    assert settings.options("crm") == {"region": "eu", "pages": 3}
    assert settings.options("other") == {}


def test_files_are_relative_to_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub", WHOLE)
    monkeypatch.chdir(tmp_path)
    settings = load_settings(Path("sub/fivestep.toml"), {})
    monkeypatch.chdir("/")
    assert settings.path(settings.pipeline.sheet) == tmp_path / "sub/data/pipeline.xlsx"
    assert settings.path("/elsewhere/a.csv") == Path("/elsewhere/a.csv")
    assert settings.path("~/a.csv") == Path.home() / "a.csv"
    assert settings.file == str(Path("sub/fivestep.toml"))


@pytest.mark.parametrize(
    "line", ['url = "postgres:/sales:s3cret@db.example/x"', 'url = "postgresql://sales:s3cret@db.example/x', "url = [1"]
)
def test_a_mistake_in_the_ledgers_url_shows_no_password(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, SMALLEST + f"[ledger]\n{line}\n")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("sqlite:///fivestep.db", "sqlite:///{base}/fivestep.db"),
        ("sqlite:///sub/f.db?timeout=9", "sqlite:///{base}/sub/f.db?timeout=9"),
        ("sqlite:////var/f.db", "sqlite:////var/f.db"),
        ("sqlite+pysqlite:///f.db", "sqlite+pysqlite:///{base}/f.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite://", "sqlite://"),
        ("postgresql+psycopg://ana@db.example/sales", "postgresql+psycopg://ana@db.example/sales"),
    ],
)
def test_the_ledger_lies_beside_the_settings(tmp_path: Path, url: str, absolute: str) -> None:
    settings = load(tmp_path, SMALLEST + f'[ledger]\nurl = "{url}"\n')
    assert settings.ledger_url == absolute.format(base=tmp_path)


def test_the_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as error:
        load_settings(None, {})
    assert str(error.value).startswith("there is no fivestep.toml here; `fivestep init SHEET` makes one")
    write(tmp_path, SMALLEST)
    assert load_settings(None, {}).file == "fivestep.toml"
    write(tmp_path, WHOLE, "other.toml")
    assert load_settings(None, {"FIVESTEP_CONFIG": "other.toml"}).pipeline.name == "Northwind sales"
    assert load_settings(Path("fivestep.toml"), {"FIVESTEP_CONFIG": "other.toml"}).pipeline.name == "pipeline"


@pytest.mark.parametrize(
    "content",
    [
        SMALLEST.encode("utf-8-sig"),
        SMALLEST.encode("utf-16"),
        SMALLEST.replace("\n", "\r\n").encode(),
        SMALLEST.replace("\n", "\r\n").encode("utf-16"),
    ],
)
def test_files_as_windows_editors_save_them(tmp_path: Path, content: bytes) -> None:
    assert load(tmp_path, content).pipeline.sheet == "deals.csv"


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\xff", b"\0\0\0", SMALLEST.encode() + b"# \xfcber", b"[pipeline"]
)
def test_what_is_no_toml_is_said(tmp_path: Path, content: bytes) -> None:
    assert only(tmp_path, content).file.endswith("fivestep.toml")


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    for path, said in ((tmp_path, "is a folder"), (tmp_path / "no.toml", "is not there")):
        with pytest.raises(SettingsError, match=said):
            load_settings(path, {})


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    file = write(tmp_path, SMALLEST)
    file.chmod(0)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(file, {})


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    text = """
        sheets = 1
        file = "x"
        [pipeline]
        timezone = "Europe/Berln"
        holidays = "DE-BX"
        weekend = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        [columns]
        deal = "Deal"
        contact = "Deal"
        row = "Nr"
        "my field" = "Mine"
        email = " "
        [drafts]
        form = "ana@northwind.example"
        from = "ana, bo@x.example"
        per_run = -1
        [write_back]
        status = "deal"
        next_step = "Follow-up"
        [ledger]
        url = "fivestep.db"
    """
    found = {mistake.place: mistake.expected for mistake in mistakes(tmp_path, text)}
    assert found.pop("sheets").startswith("there is nothing of this name here")
    assert found.pop("file") == "there is nothing of this name here"
    assert found.pop("pipeline.sheet") == "is missing and must be given"
    assert found.pop("pipeline.timezone").endswith("did you mean Europe/Berlin?")
    assert found.pop("pipeline.holidays").startswith("must be DE, or DE and one of its parts (BB, BE, ")
    assert found.pop("pipeline.weekend") == "must leave at least one working day"
    assert found.pop("columns.stage").startswith("is missing: name the column of the stages")
    assert found.pop("columns.contact") == "is the column of deal already"
    assert found.pop("columns.row").startswith("this name has a meaning of its own")
    assert found.pop("columns.my field") == "a field's name has only letters, digits and _"
    assert found.pop("columns.email").startswith("is empty")
    assert found.pop("drafts.form").endswith("did you mean from?")
    assert found.pop("drafts.from").startswith("must be one address")
    assert found.pop("drafts.per_run") == "must be 0 or more"
    assert found.pop("write_back.status").startswith("is columns.deal already")
    assert found.pop("write_back.follow_up").startswith("is write_back.next_step already")
    assert found.pop("ledger.url").startswith("must be the URL of a database")
    assert not found


@pytest.mark.parametrize(
    ("sender", "right"),
    [
        ("ana@northwind.example", True),
        ("Ana Sommer <ana@northwind.example>", True),
        ('"Sommer, Ana" <ana@northwind.example>', True),
        ("Sommer, Ana <ana@northwind.example>", False),
        ("ana@northwind.example, bo@northwind.example", False),
        ("Ana <ana@northwind.example> <bo@northwind.example>", False),
        ("Ana\\nBcc: x@x.example <ana@northwind.example>", False),
        ("ana", False),
        ("", True),
    ],
)
def test_the_sender_is_one_address(tmp_path: Path, sender: str, right: bool) -> None:
    text = SMALLEST + f"[drafts]\nfrom = '{sender}'\n".replace("\\n", "\n").replace("'", "'''")
    if right:
        assert load(tmp_path, text).drafts.sender == (sender or None)
    else:
        assert only(tmp_path, text).place == "drafts.from"


@pytest.mark.parametrize("zone", ["", "Mars", "Europe", "/etc/passwd", "../x", "Europe/Berlin\\u0000", "x" * 999])
def test_no_time_zone(tmp_path: Path, zone: str) -> None:
    text = SMALLEST.replace("[columns]", f'timezone = "{zone}"\n[columns]')
    assert only(tmp_path, text).place == "pipeline.timezone"


@pytest.mark.parametrize("encoding", ["cp1250", "Windows-1250", "ISO 8859-2", "utf8", ""])
def test_an_encoding(tmp_path: Path, encoding: str) -> None:
    text = SMALLEST.replace("[columns]", f'encoding = "{encoding}"\n[columns]')
    assert load(tmp_path, text).pipeline.encoding == (encoding or None)


@pytest.mark.parametrize("encoding", ["cp9999", "base64", "rot13", "undefined", "../x", "cp1250\\u0000", "x" * 9999])
def test_no_encoding(tmp_path: Path, encoding: str) -> None:
    mistake = only(tmp_path, SMALLEST.replace("[columns]", f'encoding = "{encoding}"\n[columns]'))
    assert mistake.place == "pipeline.encoding"
    assert mistake.expected == "must be an encoding that Python knows, such as cp1250"


@pytest.mark.parametrize("code", ["DE", "de", "DE-BE", "GB-ENG", "US-CA", "JP"])
def test_holidays_of_a_country(tmp_path: Path, code: str) -> None:
    assert load(tmp_path, SMALLEST.replace("[columns]", f'holidays = "{code}"\n[columns]')).pipeline.holidays == code
    assert len(public_holidays(code, [2026])) >= 8


@pytest.mark.parametrize("code", ["XX", "Germany!", "DE-", "DE-XX", "-", "US-ENG"])
def test_holidays_of_no_country(code: str) -> None:
    if code == "DE-":
        assert public_holidays(code, [2026])
    else:
        with pytest.raises(ValueError, match="must be "):
            public_holidays(code, [2026])


def test_the_tools_columns_are_its_own(tmp_path: Path) -> None:
    text = '[pipeline]\nsheet = "a.csv"\n[columns]\nid = "Deal ID"\nstage = "STATUS"\n'
    mistake = only(tmp_path, text)
    assert (mistake.place, mistake.found) == ("write_back.status", "'Status'")
    assert mistake.expected.endswith('such as "Fivestep status"')
    assert load(tmp_path, text + '[write_back]\nstatus = ""\n').write_back.status == ""
    assert load(tmp_path, text + '[write_back]\nstatus = "Fivestep status"\n').columns["id"] == "Deal ID"


def test_the_environment_goes_first(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        WHOLE,
        FIVESTEP_PIPELINE_TAB="",
        FIVESTEP_PIPELINE_WEEKEND="sat, sun",
        FIVESTEP_PIPELINE_MAX_STAGE_CHANGES="0.25",
        FIVESTEP_COLUMNS_EMAIL="E-mail",
        FIVESTEP_STAGES_PROPOSAL_SENT="Closing",
        FIVESTEP_DRAFTS_FROM="bo@northwind.example",
        FIVESTEP_DRAFTS_PER_RUN="7",
        FIVESTEP_WRITE_BACK_NEXT_STEP="Do next",
        FIVESTEP_GOOGLE_DELEGATE="true",
        FIVESTEP_CONNECTORS_CRM_API_KEY="k",
        PATH="/bin",
    )
    assert settings.pipeline.tab is None
    assert settings.pipeline.weekend == ("sat", "sun")
    assert settings.pipeline.max_stage_changes == 0.25
    assert settings.columns == {"deal": "Opportunity", "stage": "Stage", "email": "E-mail"}
    assert settings.stages == {"Proposal sent": "Pitch", "proposal_sent": "Closing"}
    assert (settings.drafts.sender, settings.drafts.per_run) == ("bo@northwind.example", 7)
    assert settings.write_back.next_step == "Do next"
    assert settings.google.delegate is True
    assert settings.options("crm") == {"region": "eu", "pages": 3, "api_key": "k"}


@pytest.mark.parametrize(
    ("variable", "value", "place", "expected"),
    [
        ("FIVESTEP_DRAFTS_PER_RUN", "many", "drafts.per_run", "must be a whole number"),
        ("FIVESTEP_DRAFTS_PER_RUM", "5", "drafts", "there is no setting drafts.per_rum; did you mean per_run?"),
        ("FIVESTEP_PIPELINE_WEEKEND", "sat,son", "pipeline.weekend[2]", "did you mean sun?"),
        ("FIVESTEP_PIPELINE_TIMEZONE", "Berlin", "pipeline.timezone", "must be the name of a time zone"),
        ("FIVESTEP_COLUMNS_DEAL", "Stage", "columns.deal", "is the column of stage already"),
        ("FIVESTEP_DRAFT_TO", "x", "the environment", "is no setting; they begin with FIVESTEP_PIPELINE_…"),
        ("FIVESTEP_BASE", "x", "the environment", "is no setting"),
        ("FIVESTEP_DRAFTS_", "x", "drafts", "there is no setting drafts."),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    tmp_path: Path, variable: str, value: str, place: str, expected: str
) -> None:
    mistake = only(tmp_path, **{variable: value})
    assert (mistake.file, mistake.place) == (variable, place)
    assert expected in mistake.expected


def test_the_environment_over_what_is_no_table(tmp_path: Path) -> None:
    assert only(tmp_path, "drafts = 1\n" + SMALLEST, FIVESTEP_DRAFTS_TO="x").expected == "must be a table"


TOML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from([*Settings.model_fields, "other"])


@given(data=st.dictionaries(NAMES, TOML | st.dictionaries(st.sampled_from(["stage", "to", "sheet", "url"]), TOML)))
def test_whatever_a_file_says_is_loaded_or_a_mistake(data: Mapping[str, object]) -> None:
    from fivestep.config.settings.column_checks import column_mistakes

    assert all(mistake.file == "f" for mistake in column_mistakes(data, "f"))
    try:
        typed(Settings, data, "f")
    except SettingsError as error:
        assert error.mistakes


def test_a_windows_drive_stays_one() -> None:
    # The same join that Settings.path does, by Windows' rules.
    assert PureWindowsPath(r"C:\sales") / "drafts/" == PureWindowsPath(r"C:\sales\drafts")
    assert PureWindowsPath(r"C:\sales") / r"D:\x.xlsx" == PureWindowsPath(r"D:\x.xlsx")


def settings_of(model: type[BaseModel], section: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if field.exclude:
            continue
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield f"[{name}]"
            yield from settings_of(inner, name)
        else:
            yield f"`{field.alias or name}`" if section else f"[{name}"


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    missing = [setting for setting in settings_of(Settings, "") if setting not in page]
    assert not missing
    for name, default in re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", page, re.MULTILINE):
        assert default in defaults(name), f"{name} has another default"


def defaults(name: str) -> set[str]:
    """The defaults of the settings with this name, as the page writes them."""
    import json

    found = set()
    for section in Settings.model_fields.values():
        if isinstance(section.annotation, type) and issubclass(section.annotation, BaseModel):
            for own, field in section.annotation.model_fields.items():
                if (field.alias or own) == name:
                    found.add(json.dumps(field.get_default(call_default_factory=True)))
    return found


def test_a_null_character_is_a_mistake_and_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "fivestep.toml"
    file.write_text('[pipeline]\nsheet = "a\\u0000.csv"\n[columns]\nstage = "Stage"\n', "utf-8")
    with pytest.raises(SettingsError, match=r"pipeline\.sheet: .*without null characters"):
        load_settings(file, {})


@pytest.mark.parametrize("line", ['sheet = "~nobody-of-that-name/p.csv"', 'sheet = "~nobody-of-that-name"'])
def test_the_home_folder_of_nobody_can_not_be_found(tmp_path: Path, line: str) -> None:
    settings = load(tmp_path, SMALLEST.replace('sheet = "deals.csv"', line))
    with pytest.raises(SettingsError, match=r"can't be found: this computer knows no home folder ~nobody-of-that-name"):
        settings.path(settings.pipeline.sheet)


@pytest.mark.parametrize(
    "more",
    [
        '[drafts]\nto = "~nobody-of-that-name/drafts"',
        '[drafts]\ntexts = "~nobody-of-that-name/texts"',
        '[process]\nfile = "~nobody-of-that-name/process.toml"',
        '[ledger]\nurl = "sqlite:///~nobody-of-that-name/x.db"',
    ],
)
def test_wherever_a_folder_is_named(tmp_path: Path, more: str, capsys: pytest.CaptureFixture[str]) -> None:
    from fivestep.cli.commands import commands
    from fivestep.cli.frame import call

    (tmp_path / "deals.csv").write_text("Stage\nPitch\n", "utf-8")
    (tmp_path / "fivestep.toml").write_text(f"{SMALLEST}{more}\n", "utf-8")
    assert call(commands, ["plan", "--config", str(tmp_path / "fivestep.toml")]) == 2
    assert "can't be found" in capsys.readouterr().err


def test_a_long_number_in_the_environment(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="larger than any that makes sense"):
        load(tmp_path, FIVESTEP_PIPELINE_HEADER_ROW="9" * 5000)


def test_targets(tmp_path: Path) -> None:
    targets = load(tmp_path, SMALLEST + "[targets]\nwon_per_month = 50_000\nnew_leads_per_week = 4\n").targets
    assert (targets.won_per_month, targets.new_leads_per_week, targets.currency) == (50_000, 4, None)
    wrong = mistakes(tmp_path, SMALLEST + "[targets]\nwon_per_month = 0\nnew_leads_per_week = 0\nquota = 1\n")
    assert {mistake.place: mistake.expected for mistake in wrong} == {
        "targets.won_per_month": "must be more than 0",
        "targets.new_leads_per_week": "must be 1 or more",
        "targets.quota": "there is nothing of this name here",
    }
