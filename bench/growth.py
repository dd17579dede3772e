"""How a figure grows with size: the fitted exponent, and a small plot of it. Pure, and the same for the same figures."""

from collections.abc import Sequence
from html import escape
from math import ceil, exp, floor, log, log10

from bench.section import Curve

_WIDE, _HIGH = 480, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 34, 44
_THOUSAND = 1000
_OPENED = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDE}" height="{_HIGH}" viewBox="0 0 {_WIDE} {_HIGH}" '
    'font-family="sans-serif" font-size="12" role="img">'
)


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Fit figure = a · size^b by least squares on the logarithms; returns b. 1 is linear, 0 does not grow."""
    return _fit(points)[1]


def _fit(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    sizes, figures = [log(size) for size, _ in points], [log(figure) for _, figure in points]
    middle, level = sum(sizes) / len(sizes), sum(figures) / len(figures)
    spread = sum((size - middle) ** 2 for size in sizes)
    slope = sum((s - middle) * (f - level) for s, f in zip(sizes, figures, strict=True)) / spread
    return level - slope * middle, slope


def slug(name: str) -> str:
    """Make a file's name of a curve's."""
    return "-".join("".join(each if each.isalnum() else " " for each in name.lower()).split())


def plot(curve: Curve) -> str:
    """Draw a curve as SVG on two logarithmic axes, with the fitted line."""
    level, slope = _fit(curve.points)
    x = _Axis([size for size, _ in curve.points], _LEFT, _WIDE - _RIGHT)
    y = _Axis([figure for _, figure in curve.points], _HIGH - _BOTTOM, _TOP)
    law = f"{curve.name}: {curve.unit} ∝ {curve.size}^{slope:.2f}"
    lines = [
        _OPENED,
        f"<title>{escape(curve.name)}</title>",
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="white"/>',
        f'<text x="{_LEFT}" y="18" font-size="13">{escape(law)}</text>',
    ]
    for value, at in x.marks():
        lines.append(f'<line x1="{at}" y1="{_TOP}" x2="{at}" y2="{_HIGH - _BOTTOM}" stroke="#ddd"/>')
        lines.append(f'<text x="{at}" y="{_HIGH - 26}" text-anchor="middle">{_short(value)}</text>')
    for value, at in y.marks():
        lines.append(f'<line x1="{_LEFT}" y1="{at}" x2="{_WIDE - _RIGHT}" y2="{at}" stroke="#ddd"/>')
        lines.append(f'<text x="{_LEFT - 6}" y="{at + 4}" text-anchor="end">{_short(value)}</text>')
    ends = [(size, exp(level + slope * log(size))) for size in (curve.points[0][0], curve.points[-1][0])]
    (x1, y1), (x2, y2) = ((x.at(size), y.at(figure)) for size, figure in ends)
    lines.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#888" stroke-dasharray="5 4"/>')
    lines += [
        f'<circle cx="{x.at(size)}" cy="{y.at(figure)}" r="4.5" fill="#1f5fa8"/>'
        for size, figure in curve.points
    ]
    lines.append(f'<text x="{_WIDE - _RIGHT}" y="{_HIGH - 8}" text-anchor="end">{escape(curve.size)}</text>')
    lines.append(f'<text x="8" y="{_TOP - 4}">{escape(curve.unit)}</text>')
    return "\n".join([*lines, "</svg>", ""])


class _Axis:
    """One logarithmic axis, from one whole power of ten to another."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        self._low = floor(log10(min(values)))
        self._high = max(ceil(log10(max(values))), self._low + 1)
        self._begin, self._end = begin, end

    def at(self, value: float) -> float:
        part = (log10(value) - self._low) / (self._high - self._low)
        return round(self._begin + part * (self._end - self._begin), 1)

    def marks(self) -> list[tuple[float, float]]:
        return [(10.0**power, self.at(10.0**power)) for power in range(self._low, self._high + 1)]


def _short(value: float) -> str:
    if value >= _THOUSAND**2:
        return f"{value / _THOUSAND**2:g}M"
    return f"{value / _THOUSAND:g}k" if value >= _THOUSAND else f"{value:g}"
