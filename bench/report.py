"""docs/performance.md: one part per scenario; a part whose scenario was not run keeps what it said."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.growth import exponent, plot, slug
from bench.section import Curve, Goal, Section

PAGE = Path("docs/performance.md")
PICTURES = Path("docs/images/performance")

HEAD = """\
# Performance

Measured, not promised: ratios, side by side in one run, of medians. `make bench` measures everything anew and writes this
page (`make bench QUICK=1` measures at smaller sizes and only prints; `python -m bench NAME …`: only these parts). Absolute
figures are this machine's and drift with what else it does; the ratios hold elsewhere.
How the figures came to be what they are: [performance-history.md](performance-history.md).
"""

_PART = re.compile(r"<!-- part: (\w+) -->\n(.*?)<!-- end -->\n", re.DOTALL)


def written(name: str, section: Section, *, command: str, machine: str) -> str:
    """Write one part as Markdown."""
    lines = [f"## {section.title}", "", section.about, "", *_table(section.columns, section.rows), ""]
    if section.goals:
        lines += [*(f"* {goal_line(each)}" for each in section.goals), ""]
    for curve in section.curves:
        lines += [*_growth(curve), ""]
    lines += [f"`{command}` on {machine}", ""]
    return f"<!-- part: {name} -->\n" + "\n".join(lines) + "<!-- end -->\n"


def goal_line(goal: Goal) -> str:
    """Say in plain words whether a promise is kept."""
    word = "at least" if goal.at_least else "at most"
    verdict = "Met" if goal.met else "**MISSED**"
    return f"{verdict}: {goal.what}: {_figure(goal.measured, goal.unit)} (goal: {word} {_figure(goal.limit, goal.unit)})"


def renewed(page: str, parts: Mapping[str, str], order: Sequence[str]) -> str:
    """Put new parts into the page; those that were not measured stay as they are, in the scenarios' order."""
    kept = {found[1]: found[0] for found in _PART.finditer(page)}
    kept.update(parts)
    names = [*(name for name in order if name in kept), *(name for name in kept if name not in order)]
    return HEAD + "\n" + "\n".join(kept[name] for name in names)


def save(parts: Mapping[str, str], curves: Sequence[Curve], order: Sequence[str], root: Path) -> None:
    """Write the page and the pictures below `root`."""
    page = root / PAGE
    old = page.read_text("utf-8") if page.exists() else ""
    page.write_text(renewed(old, parts, order), "utf-8")
    (root / PICTURES).mkdir(parents=True, exist_ok=True)
    for curve in curves:
        (root / PICTURES / f"{slug(curve.name)}.svg").write_text(plot(curve), "utf-8")


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---", *["---:"] * (len(columns) - 1)]
    return ["| " + " | ".join(row) + " |" for row in (columns, rule, *rows)]


def _growth(curve: Curve) -> list[str]:
    points = "; ".join(f"{size:,.0f}: {_figure(figure, curve.unit)}" for size, figure in curve.points)
    name = curve.name[:1].upper() + curve.name[1:]
    law = f"Fitted: {curve.size} to the power of {exponent(curve.points):.2f}."
    return [
        f"![{curve.name}](images/performance/{slug(curve.name)}.svg)",
        "",
        f"{name}, by {curve.size}: {points}. {law}",
    ]


_DIGITS = ((100.0, 0), (10.0, 1), (1.0, 2), (0.0, 3))


def _figure(value: float, unit: str) -> str:
    digits = next(digits for least, digits in _DIGITS if abs(value) >= least)
    return f"{value:,.{digits}f} {unit}".rstrip()
