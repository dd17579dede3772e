from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from bench.growth import exponent, plot
from bench.report import PAGE, PICTURES, goal_line, renewed, save, written
from bench.section import Curve, Goal, Section

LINEAR = Curve(name="time of a recall", size="items", unit="s", points=((10, 0.2), (100, 2), (1000, 20)))
SECTION = Section(
    title="Fan-out",
    about="Side by side.",
    columns=("what", "items/s"),
    rows=(("one call per item", "12,000"),),
    goals=(Goal(what="efficiency", measured=0.93, limit=0.92, at_least=True),),
    curves=(LINEAR,),
)


def part(name: str, section: Section = SECTION) -> dict[str, str]:
    return {name: written(name, section, command=f"python -m bench {name}", machine="2 cores.")}


def test_a_part_that_was_not_measured_keeps_what_it_said() -> None:
    page = renewed(
        "", part("fanout") | part("search", replace(SECTION, title="Search")), ["fanout", "search"]
    )
    page = renewed(page, part("fanout", replace(SECTION, about="Anew.")), ["fanout", "search"])
    assert "Anew." in page
    assert "Side by side." in page
    assert page.index("## Fan-out") < page.index("## Search")
    assert renewed(page, {}, ["fanout", "search"]) == page


@pytest.mark.parametrize(
    ("measured", "at_least", "says"),
    [(0.92, True, "Met"), (0.91, True, "**MISSED**"), (3.0, False, "**MISSED**"), (0.5, False, "Met")],
)
def test_a_missed_goal_is_said(measured: float, at_least: bool, says: str) -> None:
    assert goal_line(Goal(what="it", measured=measured, limit=0.92, at_least=at_least)).startswith(says)


def test_growth_is_fitted() -> None:
    assert exponent(LINEAR.points) == pytest.approx(1)
    assert exponent([(10, 3.0), (100, 3.0), (1000, 3.0)]) == pytest.approx(0)


def test_the_page_shows_its_pictures(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    save(part("fanout"), [LINEAR], ["fanout"], tmp_path)
    page = (tmp_path / PAGE).read_text()
    assert "| one call per item | 12,000 |" in page
    picture = tmp_path / PICTURES / "time-of-a-recall.svg"
    assert f"images/performance/{picture.name}" in page
    assert fromstring(picture.read_text()).tag.endswith("svg")  # noqa: S314 - our own
    assert plot(LINEAR) == picture.read_text()
