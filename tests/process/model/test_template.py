"""Merge fields: what they accept, and that a value is never read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivestep.process.model.template import Merge, Merged


@pytest.mark.parametrize(
    ("source", "values", "text", "missing"),
    [
        ("Hello", {}, "Hello", ()),
        ("Hello {{name}}", {"name": "Kim"}, "Hello Kim", ()),
        ("Hello {{ First name | there }}", {}, "Hello there", ()),
        ("Hello {{First name|there}}", {"First name": "Kim"}, "Hello Kim", ()),
        ("{{a}}{{b}}{{a}}", {}, "", ("a", "b")),
        ("{{a|}}.", {}, ".", ()),
        ("one { two } three", {}, "one { two } three", ()),
    ],
)
def test_fields_are_filled_in(source: str, values: dict[str, str], text: str, missing: tuple[str, ...]) -> None:
    assert Merge(source).render(values.get) == Merged(text, missing)


@pytest.mark.parametrize(
    "source", ["{{", "}}", "{{a}", "a}}", "{{}}", "{{ | x }}", "{{a|b|c}}{{", "{{a{{b}}", "{{{a}}{", "{{a}}}"]
)
def test_what_is_left_over_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"without its other half|has no name|a brace too many"):
        Merge(source)


@given(value=st.text())
def test_a_value_stays_what_it_says(value: str) -> None:
    assert Merge("[{{a|-}}]").render({"a": value, "email": "x@y.example"}.get).text == f"[{value or '-'}]"


@given(source=st.text(alphabet="{}|a ", max_size=30))
def test_a_text_compiles_or_is_refused_with_a_reason(source: str) -> None:
    try:
        merge = Merge(source)
    except ValueError as error:
        assert str(error)
    else:
        assert "{{" not in merge.render(lambda _name: "").text


def test_escaping_touches_values_and_fallbacks_only() -> None:
    merge = Merge("<b>{{a}}{{b|<i>}}</b>")
    assert merge.render({"a": "<x>"}.get, lambda value: value.replace("<", "&lt;")).text == "<b>&lt;x>&lt;i></b>"
