from __future__ import annotations

from xml.etree import ElementTree

from fivestep.jobs.reporting.charts import Pair, StageShares, forecast_chart, shares_chart


def boxes(svg: str) -> list[tuple[str, float, float]]:
    """Class, width and height of each bar."""
    drawn = ElementTree.fromstring(svg)
    return [(r.attrib["class"], float(r.attrib["width"]), float(r.attrib["height"])) for r in drawn.iter("rect")]


def test_the_highest_bar_fills_the_chart_and_the_others_are_in_proportion() -> None:
    found = boxes(forecast_chart([Pair("3 Jul", 10.0, 5), Pair("31 Jul", 2.5, 0)], "words"))
    assert [(css, high) for css, _, high in found] == [("pale", 118), ("full", 59), ("pale", 29.5), ("full", 0)]


def test_the_shares_are_in_proportion_and_the_whisker_is_the_interval() -> None:
    svg = shares_chart([StageShares("Pitch", 0.1, 0.4, (0.05, 0.2))], "words")
    assert [(css, wide) for css, wide, _ in boxes(svg)] == [("red", 79), ("full", 316)]
    first = next(iter(ElementTree.fromstring(svg).iter("line")))
    assert (first.attrib["x1"], first.attrib["x2"]) == ("39.5", "158.0")
    assert "<line" not in shares_chart([StageShares("Pitch", 0.0, 0.4, None)], "words")


def test_a_chart_is_told_in_words_and_no_name_breaks_it() -> None:
    svg = shares_chart([StageShares('<b>&"', 0.0, 0.0, None)], 'more than "words"')
    assert ElementTree.fromstring(svg).attrib["aria-label"] == 'more than "words"'
    assert '<b>&"' in [text.text for text in ElementTree.fromstring(svg).iter("text")]
