"""`python -m bench [--quick] [NAME …]`: measures, prints, and writes docs/performance.md. All scenarios without a name."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bench.machine import machine
from bench.report import goal_line, save, written
from bench.section import Curve, Section

SCENARIOS = ("fanout", "rivals", "memory", "ack", "first_call", "search", "start")
ROOT = Path(__file__).parents[1]


def main() -> int:
    """Run what was asked for; 1 where a goal was missed, or a scenario could not run."""
    parser = ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCENARIOS))
    parser.add_argument("--quick", action="store_true", help="smaller sizes, fewer rounds; only prints")
    said = parser.parse_args()
    names = said.names or [name for name in SCENARIOS if find_spec(f"bench.{name}")]
    if unknown := set(names) - set(SCENARIOS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    return _run(names, quick=said.quick)


def _run(names: Sequence[str], *, quick: bool) -> int:
    here = machine()
    print(here, flush=True)
    parts: dict[str, str] = {}
    curves: list[Curve] = []
    wrong = []
    for name in names:
        print(f"\n== {name}", flush=True)
        try:
            section: Section = import_module(f"bench.{name}").measure(quick=quick)
        except Exception as error:  # noqa: BLE001 - one scenario that can't run keeps no other from running
            print(f"{name} was not measured: {error}", flush=True)
            wrong.append(f"{name} was not measured")
            continue
        _show(section)
        wrong += [goal_line(each) for each in section.goals if not each.met]
        parts[name] = written(name, section, command=_command(name, quick=quick), machine=here)
        curves += section.curves
    if not quick:
        save(parts, curves, SCENARIOS, ROOT)
    print("\n" + ("\n".join(wrong) if wrong else "every goal is met"))
    return 1 if wrong else 0


def _command(name: str, *, quick: bool) -> str:
    return f"python -m bench {name}" + (" --quick" if quick else "")


def _show(section: Section) -> None:
    rows = [section.columns, *section.rows]
    wide = [max(len(row[n]) for row in rows) for n in range(len(section.columns))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip())
    for goal in section.goals:
        print(goal_line(goal))


if __name__ == "__main__":
    sys.exit(main())
