"""The newer blocks that show data: tables and charts.

Source: Slack's reference pages of the table, data table and data visualization blocks.
"""

from typing import Any

from sandbox.slack.rules.shapes import (
    Report,
    Rule,
    among,
    anything,
    boolean,
    complain,
    items,
    number,
    shape,
    string,
    typed,
    whole,
)

NAME = string(20)
COLUMNS = 20
MANY = 10_000  # characters; Slack documents no limit
RICH_TEXT = shape(required={"elements": anything}, optional={"block_id": anything})
CELLS = {
    "raw_text": shape(required={"text": string(MANY)}),
    "raw_number": shape(required={"value": number}, optional={"text": string(MANY)}),
    "rich_text": RICH_TEXT,
}
CELL = typed(CELLS)
HEADER_CELL = typed({"raw_text": CELLS["raw_text"], "raw_number": CELLS["raw_number"]})


def _column_setting(value: Any, pointer: str, report: Report) -> None:
    if value is not None:
        rule = shape(optional={"align": among("left", "center", "right"), "is_wrapped": boolean})
        rule(value, pointer, report)


def _equal_columns(value: Any, pointer: str, report: Report) -> None:
    rows = value.get("rows")
    if not isinstance(rows, list) or not rows:
        return
    if len({len(row) for row in rows if isinstance(row, list)}) > 1:
        complain(report, f"{pointer}/rows", "all rows must have the same number of columns")
    for position, cell in enumerate(rows[0] if isinstance(rows[0], list) else []):
        HEADER_CELL(cell, f"{pointer}/rows/0/{position}", report)


def _categories(value: Any, pointer: str, report: Report) -> None:
    """Check that each series has exactly the axis's categories, and a name of its own."""
    axis, series = value.get("axis_config"), value.get("series")
    if not isinstance(axis, dict) or not isinstance(series, list):
        return
    wanted = axis.get("categories")
    lines = [line for line in series if isinstance(line, dict)]
    for position, line in enumerate(lines):
        points = [point.get("label") for point in line.get("data") or [] if isinstance(point, dict)]
        if points != wanted:
            complain(report, f"{pointer}/series/{position}/data", "labels must match the categories")
    if len({line.get("name") for line in lines}) < len(lines):
        complain(report, f"{pointer}/series", "series names must be unique")


_POINT = shape(required={"label": NAME, "value": number})
_SERIES = items(shape(required={"name": NAME, "data": items(_POINT, COLUMNS)}), 6)
_AXIS = shape(
    required={"categories": items(NAME, COLUMNS)},
    optional={"x_label": string(50), "y_label": string(50)},
)
_PLOT = shape(required={"series": _SERIES, "axis_config": _AXIS}, also=_categories)
CHART = typed(
    {
        "pie": shape(required={"segments": items(_POINT, 6)}),
        "bar": _PLOT,
        "area": _PLOT,
        "line": _PLOT,
    }
)

DATA_BLOCKS: dict[str, Rule] = {
    "table": shape(
        required={"rows": items(items(CELL, COLUMNS), 100)},
        optional={"block_id": string(255), "column_settings": items(_column_setting, COLUMNS, 0)},
    ),
    "data_table": shape(
        required={"caption": string(MANY), "rows": items(items(CELL, COLUMNS), 101, 2)},
        optional={
            "block_id": string(255),
            "page_size": whole(1, 100),
            "row_header_column_index": whole(0, COLUMNS - 1),
        },
        also=_equal_columns,
    ),
    "data_visualization": shape(
        required={"title": string(50), "chart": CHART}, optional={"block_id": string(255)}
    ),
}
