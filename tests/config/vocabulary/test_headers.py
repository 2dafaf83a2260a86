"""Which field a header means."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fivestep.config.vocabulary.headers
from fivestep.config.vocabulary.headers import claims
from fivestep.process.model.deal import KINDS
from fivestep.process.wording.vocabulary import plain

LISTS: dict[str, list[str]] = tomllib.loads(
    Path(fivestep.config.vocabulary.headers.__file__).with_name("headers.toml").read_text("utf-8")
)


STATUS = (
    *(
        "deal status",
        "opportunity status",
        "status",
        "state",
        "statut",
        "état",
        "estado",
        "estatus",
        "situação",
        "stato",
    ),
    *("tila", "stav", "durum", "állapot", "státusz", "stare", "статус", "κατάσταση", "ステータス", "状态", "상태"),
    *("الحالة", "סטטוס", "מצב"),
)
"""What may be the stage's column as well as the one of open, won and lost: the cells decide."""


def field(header: str) -> str | None:
    found = claims(header)
    return found[0].field if found else None


def test_every_field_has_headers_and_every_header_a_field() -> None:
    assert LISTS.keys() == KINDS.keys()
    assert all(plain(word) for words in LISTS.values() for word in words)


def test_no_word_stands_twice_in_a_list() -> None:
    for name, words in LISTS.items():
        assert len({plain(word) for word in words}) == len(words), name


def test_words_of_two_fields_are_meant_to_be() -> None:
    fields: dict[str, list[str]] = {}
    for name, words in LISTS.items():
        for word in words:
            fields.setdefault(plain(word), []).append(name)
    assert {word: names for word, names in fields.items() if len(names) > 1} == {
        **{word: ["deal", "contact"] for word in ("name", "nome", "nom", "naam", "nazwa", "nombre")},
        **{word: ["deal", "probability"] for word in ("chance", "kans", "szansa")},
        "opportunity": ["deal", "amount"],
        "contact": ["contact", "email"],
        **{plain(word): ["stage", "outcome"] for word in STATUS},
    }


@pytest.mark.parametrize(
    "header",
    [
        *("Betreuer E-Mail", "E-Mail des Betreuers", "Rep's email", "AccountManagerEmail", "Correo del vendedor"),
        *("Email agente", "担当者メールアドレス", "Почта менеджера", "销售邮箱", "Contact owner email"),
    ],
)
def test_an_owners_address_in_whatever_words_is_no_contacts(header: str) -> None:
    assert [claim.field for claim in claims(header)] == ["owner_email"]


@pytest.mark.parametrize("header", ["Owner", "Account manager", "Betreuer", "Ответственный"])
def test_who_owns_a_deal_may_be_named_by_their_address(header: str) -> None:
    assert [claim.field for claim in claims(header)] == ["owner", "owner_email"]


@pytest.mark.parametrize("header", ["Contact rep", "Agency email", "Billing email"])
def test_other_addresses_are_not_the_owners(header: str) -> None:
    assert "owner_email" not in [claim.field for claim in claims(header)]


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ("Deal Stage", "stage"),
        ("deal_stage", "stage"),
        ("OpportunityName", "deal"),
        ("opportunityOwner", "owner"),
        ("CLOSE DATE", "expected_close"),
        ("Close\nDate", "expected_close"),
        ("Close date (expected)", "expected_close"),
        ("Deal - Title", "deal"),
        ("Deal - Value", "amount"),
        ("Deal - Currency of Value", "currency"),
        ("Deal - Organization", "company"),
        ("Deal - Contact person", "contact"),
        ("Deal - Expected close date", "expected_close"),
        ("Deal - Last stage change", "stage_since"),
        ("Deal - Won time", "won_on"),
        ("Deal - Lost reason", "lost_reason"),
        ("Person - Email - Work", "email"),
        ("Probability (%)", "probability"),
        ("Amount (USD)", "amount"),
        ("Deal value in EUR", "amount"),
        ("Lead Source", "source"),
        ("Associated Company", "company"),
        ("Associated Contact", "contact"),
        ("💰 Amount", "amount"),
        ("Status", "stage"),
        ("Nächster Kontakt", "next_contact"),
        ("Letzter Kontakt", "last_contact"),
        ("Verkaufsphase", "stage"),
        ("Ansprechpartner/in", "contact"),
        ("Étape", "stage"),
        ("Date de clôture prévue", "expected_close"),
        ("Etapa del negocio", "stage"),
        ("Correo electrónico", "email"),
        ("Previsão de fechamento", "expected_close"),
        ("Fase di vendita", "stage"),
        ("Verwachte sluitingsdatum", "expected_close"),
        ("Właściciel", "owner"),
        ("Wartość", "amount"),
        ("Källa", "source"),
        ("Beløb", "amount"),
        ("Sælger", "owner"),
        ("Myynnin vaihe", "stage"),
        ("Fáze obchodu", "stage"),
        ("Kapanış Tarihi", "expected_close"),
        ("SATIŞ AŞAMASI", "stage"),
        ("Этап сделки", "stage"),
        ("Відповідальний", "owner"),
        ("Στάδιο", "stage"),
        ("Értékesítési szakasz", "stage"),
        ("Valoare estimată", "amount"),
        ("受注予定日", "expected_close"),
        ("フェーズ", "stage"),
        ("预计成交日期", "expected_close"),
        ("영업단계", "stage"),
        ("المرحلة", "stage"),
        ("שלב", "stage"),
        ("Oppurtunity", "deal"),
        ("Close dtae", "expected_close"),
    ],
)
def test_headers_of_many_sheets(header: str, meant: str | None) -> None:
    assert field(header) == meant


@pytest.mark.parametrize(
    "header",
    ["", "  ", "⚠", "S", "Next step", "Next Milestone / Comment", "Close Quarter", "Weighted", "Age", "Product",
     "Lead score", "contact_id", "Account ID", "Fiscal Period", "Type", "Column1", "Deal age", "# of calls"],
)  # fmt: skip
def test_headers_that_mean_nothing_to_the_process(header: str) -> None:
    assert [claim for claim in claims(header) if claim.by != "part"] == []


def test_a_guess_says_that_it_is_one() -> None:
    (claim,) = claims("Expcted close date")
    assert (claim.field, claim.word, claim.exact) == ("expected_close", "expected close date", False)
    assert claims("Expected close date")[0].exact


def test_a_word_between_two_fields_is_not_guessed() -> None:
    assert [claims(word)[0].field for word in ("Win rate", "Win date")] == ["probability", "won_on"]
    assert claims("Win ate") == []


@given(st.text(max_size=60))
def test_any_text_is_read(header: str) -> None:
    for claim in claims(header):
        assert claim.field in KINDS


EXPORTS = """
    Negócio - Título = deal, Negócio - Etapa = stage, Negócio - Valor = amount, Negócio - Moeda de Valor = currency,
    Negócio - Proprietário = owner, Negócio - Organização = company, Negócio - Pessoa de contato = contact,
    Pessoa - Email - Trabalho = email, Pessoa - Telefone = phone, Pessoa - Nome = contact, Organização - Nome = company,
    Negócio - Negócio criado em = created, Negócio - Data de fechamento esperada = expected_close,
    Negócio - Data da última atividade = last_contact, Negócio - Data da próxima atividade = next_contact,
    Negócio - Motivo da perda = lost_reason, Affaire - Titre = deal, Affaire - Étape = stage,
    Affaire - Personne à contacter = contact, Trato - Título = deal, Trato - Propietario = owner,
    Persona - Correo electrónico = email, Deal - Titel = deal, Deal - Phase = stage, Deal - Eigentümer = owner,
    Сделка - Название = deal, Сделка - Этап = stage, Сделка - Стоимость = amount,
    Etapa do negócio = stage, Proprietário do negócio = owner, Empresa associada = company,
    Nom de la transaction = deal, Phase de la transaction = stage, Date de fermeture = expected_close,
    取引名 = deal, 取引ステージ = stage, クローズ日 = expected_close,
    Opportunity-Name = deal, Accountname = company, Schlusstermin = expected_close, Nome da conta = company,
    Proprietário da oportunidade = owner, Probabilidade (%) = probability,
    Closing Date = expected_close, Modified Time = modified, Last Activity Time = last_contact,
    Nombre de Trato = deal, Propietario de Trato = owner,
    TITLE = deal, STAGE_ID = stage, CURRENCY_ID = currency, DATE_CREATE = created, DATE_MODIFY = modified,
    CLOSEDATE = expected_close, SOURCE_ID = source, ASSIGNED_BY = owner, Стадия сделки = stage, Ответственный = owner,
    Предполагаемая дата закрытия = expected_close
"""


@pytest.mark.parametrize("meant", [one.strip() for one in EXPORTS.split(",")])
def test_exports_of_pipedrive_hubspot_salesforce_zoho_and_bitrix24(meant: str) -> None:
    header, _, expected = meant.rpartition(" = ")
    assert (field(header), claims(header)[0].exact) == (expected, True)


@pytest.mark.parametrize(
    "header", ["Organização - Proprietário", "Person - Owner", "Organization - Address", "Person - ID"]
)
def test_what_another_record_has_is_not_the_deals(header: str) -> None:
    assert claims(header) == []
