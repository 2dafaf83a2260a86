"""Mail texts: what they become, what is refused, and that no value gets out of its place."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from fivestep.config.texts.load import DIGESTS, load_text, load_texts
from fivestep.errors import SettingsError
from fivestep.process.model.mail_text import Text
from tests import ROOT

SOURCE = """Subject: A question for {{company|you}}

Hello {{First name|there}},

this is **important**: [our page about {{topic|it}}](https://northwind.example/a?b=1&c=2).
- one {{need}}
- two <b>

Best regards
{{sender_name|}}
"""


def to_html(value: str) -> str:
    return escape(value).replace("\n", "<br>")


def merged(text: Text, **values: str) -> tuple[str, str]:
    return text.plain.render(values.get).text, text.html.render(values.get, to_html).text


def test_subject_plain_and_html() -> None:
    text = load_text("a", SOURCE.replace("\n", "\r\n"), "a.md")
    plain, page = merged(text, need="<i>x</i>", sender_name="Ana")
    assert text.subject.render({}.get).text == "A question for you"
    assert "our page about it (https://northwind.example/a?b=1&c=2)." in plain
    assert "- one <i>x</i>\n" in plain
    assert "<p>Hello there,</p>" in page
    assert '<strong>important</strong>: <a href="https://northwind.example/a?b=1&amp;c=2">our page about it</a>' in page
    assert "one &lt;i&gt;x&lt;/i&gt;" in page
    assert "two &lt;b&gt;" in page
    assert "<p>Best regards<br>\nAna</p>" in page
    assert text.html.render({}.get, to_html).missing == ("need",)
    assert {field.name for field in text.fields} == {"company", "First name", "topic", "need", "sender_name"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", "a.md: line 1: found ''; a text begins with a line `Subject: …`"),
        ("Hello\n\nyou", "a.md: line 1: found 'Hello'; a text begins with a line `Subject: …`"),
        ("Subject:\n\nHello", "a.md: line 1: the subject is empty"),
        ("Subject: x\n \n", "a.md: line 2: below the subject there is no text"),
        ("\nSubject: x\nHello", "a.md: line 3: found 'Hello'; the text begins after a blank line"),
        ("Subject: {{x\n\nHello", "a.md: line 1: {{ without its other half, at '{{x'"),
        ("Subject: x\n\nHello\n{{|there}}", "a.md: line 4: the merge field {{|there}} has no name"),
        ("Subject: x\n\na\n\nb }} c", "a.md: line 5: }} without its other half, at '}} c\\n'"),
        ("Subject: x\n\n\U000f0001", "a.md: line 3: found U+F0001; a character for private use"),
        *(
            (
                f"Subject: x\n\nSee\n{link}",
                "a.md: line 4: a merge field cannot stand in the address or the title of a link",
            )
            for link in (
                "[here](https://{{host}}.example)",
                "[here](https://a.example/{{id}})",
                "[here]({{url|https://a.example}})",
                '[here](https://a.example "{{title}}")',
                "<https://a.example/{{id}}>",
                "<https://{{host}}>",
            )
        ),
    ],
)
def test_what_is_refused_and_where(source: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_text("a", source, "a.md")
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    "body", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](https://a.example/x.png)"]
)
def test_a_text_makes_no_other_tags_than_a_mail_needs(body: str) -> None:
    page = lxml_html.fromstring(load_text("a", f"Subject: x\n\n{body}", "a.md").html.source)
    assert not page.xpath("//script | //img | //a[starts-with(@href, 'javascript')]")


HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "{{email}}",
    "{{",
    "**b**",
    "a\nb",
    '" onload="x',
    "&lt;",
    "\U000f0000",
    "`x`",
    "- x",
    "http://x.example",
    "<!--",
    "]]>",
    "\x00",
]
values = st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=30))


@given(need=values, first=values, topic=values, sender=values)
def test_a_value_stays_a_text(need: str, first: str, topic: str, sender: str) -> None:
    text = load_text("a", SOURCE, "a.md")
    given_values = {"need": need, "First name": first, "topic": topic, "sender_name": sender}
    plain, page = merged(text, **given_values)
    harmless_plain, harmless_page = merged(text, **dict.fromkeys(given_values, "VALUE"))

    def tags(html: str) -> list[str]:
        return re.findall(r"<[^>]*>", html.replace("<br>", ""))

    assert tags(page) == tags(harmless_page)
    assert plain == harmless_plain.replace("VALUE", "{}").format(first, topic, need, sender)


def test_a_folder_of_the_team_s_own(tmp_path: Path) -> None:
    (tmp_path / "pitch-1.md").write_text("Subject: Ours\n\nHello", encoding="utf-8")
    (tmp_path / "more.md").write_text("Subject: More\n\nHello", encoding="utf-8")
    own, built_in = load_texts(tmp_path), load_texts(None)
    assert own["pitch-1"].subject.source == "Ours"
    assert set(own) == {*built_in, "more"}
    (tmp_path / "more.md").write_text("nothing", encoding="utf-8")
    (tmp_path / "pitch-1.md").write_text("Subject: x", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_texts(tmp_path)
    assert {mistake.file for mistake in caught.value.mistakes} == {"more.md", "pitch-1.md"}
    with pytest.raises(SettingsError, match="no such folder"):
        load_texts(tmp_path / "none")


@pytest.mark.parametrize("name", load_texts(None))
def test_each_text_reads_right_with_the_least_and_with_everything(name: str) -> None:
    text = load_texts(None)[name]
    least = {"company": "Kestrel", "contact": "Marta Lind", "email": "marta@kestrel.example"}
    most = {**least, "first_name": "Marta", "sender_name": "Ana", "value": "60,000 a year", "case_study": "Nordkyst"}
    for known in ({}, least, most):
        for part in (text.subject, text.plain):
            filled = part.render(known.get)
            assert not filled.missing
            assert not re.search(r"  |[{}]| [,.?]|\s$", filled.text.rstrip())
    body = text.plain.render({}.get).text.split("\n\n", 1)[1].rsplit("\n\n", 1)[0]
    assert len(body.split()) <= 90
    assert body.count("?") == 1
    assert "!" not in body
    assert text.subject.render({}.get).text[:1].isupper()


def test_the_page_about_the_texts_names_each() -> None:
    page = (ROOT / "docs" / "texts.md").read_text(encoding="utf-8")
    assert [name for name in load_texts(None) if f"`{name}`" not in page] == []


BUILT_IN = [path for path in sorted((ROOT / "config" / "texts").glob("*.md")) if path.stem not in DIGESTS.values()]


@pytest.mark.parametrize("file", BUILT_IN, ids=lambda file: file.stem)
def test_a_built_in_text_asks_one_question_and_claims_nothing_that_nobody_told(file: Path) -> None:
    _, body = file.read_text(encoding="utf-8").split("\n", 1)
    assert body.count("?") == 1
    assert len(body.split()) < 110
    claims = (
        r"I wrote|have written|we (last )?spoke|our talk|you told me|you said|not heard from|customers? of ours|ago\b"
    )
    assert not re.search(claims, body)
