"""Plans as pictures: SVG without a plotting library, the same as rows of a table, and as text for a terminal.

Each picture is readable in black and white, and carries a title and a description that a screen reader says. What it
shows is also a table, header first, that a page or a workbook puts beside it.
"""

from conseil.rendering.pictures.matrix import matrix, matrix_table, matrix_text
from conseil.rendering.pictures.slope import slope, slope_table, slope_text
from conseil.rendering.pictures.tornado import tornado, tornado_table, tornado_text
from conseil.rendering.pictures.waterfall import waterfall, waterfall_table, waterfall_text

__all__ = [
    "matrix",
    "matrix_table",
    "matrix_text",
    "slope",
    "slope_table",
    "slope_text",
    "tornado",
    "tornado_table",
    "tornado_text",
    "waterfall",
    "waterfall_table",
    "waterfall_text",
]
