"""What a measurement has to say: tables, goals that it met or missed, and how it grows. Pure values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One figure that was promised, and what was measured."""

    what: str  # "fan-out, one call per item"
    measured: float
    limit: float
    at_least: bool  # else: at most
    unit: str = ""  # "ms", "MB"; a ratio has none

    @property
    def met(self) -> bool:
        """Whether the promise is kept."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One figure at several sizes, drawn as a plot with a fitted exponent."""

    name: str
    size: str  # what grows: "items", "targets", "events/s"
    unit: str
    points: tuple[tuple[float, float], ...]  # (size, figure), sizes rising


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One measurement's part of docs/performance.md."""

    title: str
    about: str  # what was compared with what, and how; Markdown
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    goals: tuple[Goal, ...] = ()
    curves: tuple[Curve, ...] = ()
