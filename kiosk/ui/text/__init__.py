"""Japanese text: lines broken by a pure layout, glyphs drawn by Pango and cairo."""
