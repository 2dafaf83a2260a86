"""What a cell holds, told by its text."""

from __future__ import annotations

import pytest

from fivestep.process.model.table import column_letters, index_of_letters, is_error, may_hold_error

ERRORS = """
    #REF! #N/A #VALUE! #DIV/0! #NAME? #NUM! #NULL! #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT! #UNKNOWN! #EXTERNAL!
    #GETTING_DATA #BUSY! #PYTHON! #ERROR!
    #BEZUG! #NV #WERT! #ZAHL! #ÜBERLAUF!
    #VALEUR! #NOM? #NOMBRE! #N/D #CHAMP! #BLOQUÉ!
    #¡REF! #¿NOMBRE? #¡VALOR! #¡NUM! #¡DIV/0! #¡NULO! #¡DESBORDAMIENTO!
    #RIF! #VALORE! #NOME? #NULLO!
    #VERW! #WAARDE! #GETAL! #NAAM? #N/B #DEEL/0! #LEEG!
    #NÚM! #NULO! #DESPEJAR!
    #ADR! #ARG! #LICZBA! #NAZWA? #DZIEL/0! #ZERO!
    #REFERENS! #VÄRDEFEL! #SAKNAS! #OGILTIGT! #NAMN? #DIVISION/0! #VERDI! #NAVN? #I/T #VÆRDI!
    #VIITTAUS! #ARVO! #PUUTTUU!
    #ССЫЛКА! #ЗНАЧ! #ИМЯ? #ЧИСЛО! #ДЕЛ/0! #ПУСТО! #Н/Д
    #ODKAZ! #HODNOTA! #NÁZEV? #DĚLENÍ_NULOU! #NENÍ_K_DISPOZICI #HIV! #ÉRTÉK! #HIÁNYZIK #ZÉRÓOSZTÓ! #BAŞV! #YOK #SAYI/0!
    #ΤΙΜΗ! #Δ/Υ
    Err:502 Err:522 Error:504 Fehler:502 Fout:508 Erro:502 Chyba:502 Ошибка:502
    Loading... #### #########
    #UNPARSEABLE #REF #N/DISP #Error #Deleted #Num! #Name? #Type! Loading… Cargando...
"""
OF_SEVERAL_WORDS = [
    "Err :502", "#NO MATCH", "#INVALID DATA TYPE", "#CIRCULAR REFERENCE", "#INCORRECT ARGUMENT SET", "#DATE EXPECTED",
    "#N/A Requesting Data...", "Wird geladen...",
]  # fmt: skip


@pytest.mark.parametrize("text", [*ERRORS.split(), *OF_SEVERAL_WORDS])
def test_errors_of_spreadsheets_in_their_languages(text: str) -> None:
    assert is_error(text)
    assert may_hold_error(f"Kim{text}Lee")


@pytest.mark.parametrize(
    "text", ["#hashtag", "#1", "# 12", "#12!", "#Great!", "#win!", "C#", "#", "##", "#NV1", "Err:502 seen", "Err: none",
             "Error 502", "see #REF!", "Loading", "#errors", "#no match", "#VIP", "#EXPECTED", "More…", "Kim", ""],
)  # fmt: skip
def test_what_people_type_is_no_error(text: str) -> None:
    assert not is_error(text)


def test_letters_and_indexes_of_columns() -> None:
    assert [index_of_letters(letters) for letters in ("A", "Z", "AA", "zz", "AAA", "")] == [0, 25, 26, 701, 702, -1]
    far = (0, 25, 26, 701, 702, 16_383)
    assert tuple(index_of_letters(column_letters(index)) for index in far) == far
