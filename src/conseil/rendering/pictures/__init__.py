"""Plans as pictures: SVG without a plotting library, the same as rows of a table, and drawn in letters for a terminal.

Each picture is readable in black and white, and carries a title and a description that a screen reader says. What it
shows is also a table, header first, that a page or a workbook puts beside it. What is drawn in letters stands under a
heading of an outline, which names it; ranks need no drawing there, but a table.
"""

from conseil.rendering.pictures.matrix import matrix, matrix_table
from conseil.rendering.pictures.slope import VARIANTS_SHOWN, slope, slope_table
from conseil.rendering.pictures.tornado import tornado, tornado_table, tornado_text
from conseil.rendering.pictures.waterfall import waterfall, waterfall_table, waterfall_text

__all__ = [
    "VARIANTS_SHOWN",
    "matrix",
    "matrix_table",
    "slope",
    "slope_table",
    "tornado",
    "tornado_table",
    "tornado_text",
    "waterfall",
    "waterfall_table",
    "waterfall_text",
]
