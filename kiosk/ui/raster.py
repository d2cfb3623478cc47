"""Pango and cairo through cffi in ABI mode: shapes and lines of text as coverage (one byte a pixel).

The system libraries bring what Kivy's text provider lacks: fallback between fonts through fontconfig, the
right
variants of Han characters for a language, Vietnamese marks. Nothing here knows Kivy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import cffi
import numpy as np
import numpy.typing as npt

Coverage = npt.NDArray[np.uint8]
"""Shape (height, width), 0 nothing to 255 full."""

_LIBRARIES: Final = ("libcairo.so.2", "libpango-1.0.so.0", "libpangocairo-1.0.so.0", "libgobject-2.0.so.0")
_CDEF: Final = """
typedef struct cairo cairo_t; typedef struct surface cairo_surface_t; typedef struct opts
cairo_font_options_t;
typedef struct fm PangoFontMap; typedef struct ctx PangoContext; typedef struct lay PangoLayout;
typedef struct fd PangoFontDescription; typedef struct lang PangoLanguage;
typedef struct { int x; int y; int width; int height; } PangoRectangle;
cairo_surface_t *cairo_image_surface_create_for_data(void *data, int format, int w, int h, int stride);
int cairo_surface_status(cairo_surface_t *); void cairo_surface_flush(cairo_surface_t *);
void cairo_surface_destroy(cairo_surface_t *); cairo_t *cairo_create(cairo_surface_t *);
void cairo_destroy(cairo_t *); void cairo_set_source_rgba(cairo_t *, double, double, double, double);
void cairo_set_operator(cairo_t *, int); void cairo_set_fill_rule(cairo_t *, int);
void cairo_move_to(cairo_t *, double, double); void cairo_line_to(cairo_t *, double, double);
void cairo_curve_to(cairo_t *, double, double, double, double, double, double);
void cairo_arc(cairo_t *, double, double, double, double, double);
void cairo_arc_negative(cairo_t *, double, double, double, double, double);
void cairo_close_path(cairo_t *); void cairo_new_path(cairo_t *); void cairo_new_sub_path(cairo_t *);
void cairo_fill(cairo_t *); void cairo_stroke(cairo_t *); void cairo_set_line_width(cairo_t *, double);
void cairo_set_line_cap(cairo_t *, int); void cairo_set_line_join(cairo_t *, int);
void cairo_scale(cairo_t *, double, double); void cairo_translate(cairo_t *, double, double);
void cairo_rotate(cairo_t *, double); void cairo_save(cairo_t *); void cairo_restore(cairo_t *);
cairo_font_options_t *cairo_font_options_create(void);
void cairo_font_options_set_antialias(cairo_font_options_t *, int);
void cairo_font_options_set_hint_style(cairo_font_options_t *, int);
void cairo_font_options_set_hint_metrics(cairo_font_options_t *, int);
PangoFontMap *pango_cairo_font_map_new(void); PangoContext *pango_font_map_create_context(PangoFontMap *);
void pango_context_set_language(PangoContext *, PangoLanguage *);
void pango_context_set_round_glyph_positions(PangoContext *, int);
PangoLanguage *pango_language_from_string(const char *);
void pango_cairo_context_set_font_options(PangoContext *, cairo_font_options_t *);
PangoLayout *pango_layout_new(PangoContext *); void pango_layout_set_text(PangoLayout *, const char *, int);
void pango_layout_set_single_paragraph_mode(PangoLayout *, int);
void pango_layout_set_font_description(PangoLayout *, PangoFontDescription *);
void pango_layout_get_extents(PangoLayout *, PangoRectangle *, PangoRectangle *);
int pango_layout_get_baseline(PangoLayout *); int pango_layout_get_unknown_glyphs_count(PangoLayout *);
PangoFontDescription *pango_font_description_new(void);
void pango_font_description_set_family(PangoFontDescription *, const char *);
void pango_font_description_set_absolute_size(PangoFontDescription *, double);
void pango_font_description_set_weight(PangoFontDescription *, int);
void pango_cairo_show_layout(cairo_t *, PangoLayout *); void g_object_unref(void *);
"""
_A8: Final = 2
_SCALE: Final = 1024.0  # PANGO_SCALE
_BOLD: Final = 700
_NORMAL: Final = 400


class RasterError(RuntimeError):
    """A system library is missing; the message names the packages to install."""


class _Libraries:
    """The opened libraries, one name space for all their functions."""

    def __init__(self) -> None:
        self.ffi: Any = cffi.FFI()
        self.ffi.cdef(_CDEF)
        try:
            self._opened = [self.ffi.dlopen(name) for name in _LIBRARIES]
        except OSError as error:
            raise RasterError(
                f"{error}: install libpango-1.0-0, libpangocairo-1.0-0 and libcairo2 to draw text"
            ) from error

    def __getattr__(self, name: str) -> Any:
        for library in self._opened:
            try:
                function = getattr(library, name)
            except AttributeError:
                continue
            setattr(self, name, function)
            return function
        raise AttributeError(name)


@lru_cache(maxsize=1)
def libraries() -> _Libraries:
    """Opens the libraries once. RasterError when one is missing."""
    return _Libraries()


def paint(width: int, height: int, draw: Callable[[Any, _Libraries], None]) -> Coverage:
    """What `draw` leaves on an empty surface of this size; it gets a cairo context and the libraries."""
    lib = libraries()
    stride = (width + 3) // 4 * 4
    pixels = np.zeros((height, stride), np.uint8)
    data = lib.ffi.from_buffer(pixels)
    surface = lib.cairo_image_surface_create_for_data(data, _A8, width, height, stride)
    context = lib.cairo_create(surface)
    try:
        lib.cairo_set_source_rgba(context, 1, 1, 1, 1)
        draw(context, lib)
        lib.cairo_surface_flush(surface)
    finally:
        lib.cairo_destroy(context)
        lib.cairo_surface_destroy(surface)
    return pixels[:, :width]


class Face:
    """One font choice: families in order, size in pixels, weight, language. Works on single lines."""

    def __init__(self, families: str, size: int, bold: bool, language: str) -> None:
        lib = libraries()
        self._lib = lib
        context = lib.pango_font_map_create_context(_font_map())
        lib.pango_context_set_language(context, lib.pango_language_from_string(language.encode()))
        lib.pango_cairo_context_set_font_options(context, _font_options())
        lib.pango_context_set_round_glyph_positions(context, 0)
        description = lib.pango_font_description_new()
        lib.pango_font_description_set_family(description, families.encode())
        lib.pango_font_description_set_absolute_size(description, size * _SCALE)
        lib.pango_font_description_set_weight(description, _BOLD if bold else _NORMAL)
        self._layout = lib.pango_layout_new(context)
        lib.pango_layout_set_single_paragraph_mode(self._layout, 1)
        lib.pango_layout_set_font_description(self._layout, description)
        self._ink = lib.ffi.new("PangoRectangle *")
        self._logical = lib.ffi.new("PangoRectangle *")

    def _set(self, text: str) -> None:
        raw = text.encode()
        self._lib.pango_layout_set_text(self._layout, raw, len(raw))

    def width(self, text: str) -> float:
        """The advance of `text` in pixels."""
        self._set(text)
        self._lib.pango_layout_get_extents(self._layout, self._ink, self._logical)
        return float(self._logical.width / _SCALE)

    def ink(self, text: str) -> tuple[float, float]:
        """(pixels above the base line, pixels below it) that are really covered."""
        self._set(text)
        self._lib.pango_layout_get_extents(self._layout, self._ink, self._logical)
        base = self._lib.pango_layout_get_baseline(self._layout)
        return (base - self._ink.y) / _SCALE, (self._ink.y + self._ink.height - base) / _SCALE

    def missing(self, text: str) -> int:
        """How many characters no installed font can draw."""
        self._set(text)
        return int(self._lib.pango_layout_get_unknown_glyphs_count(self._layout))

    def show(self, context: Any, text: str, x: float, baseline: float) -> None:
        """Draws `text` with its base line at `baseline`."""
        self._set(text)
        base = self._lib.pango_layout_get_baseline(self._layout) / _SCALE
        self._lib.cairo_move_to(context, x, baseline - base)
        self._lib.pango_cairo_show_layout(context, self._layout)


@lru_cache(maxsize=1)
def _font_map() -> Any:
    return libraries().pango_cairo_font_map_new()


@lru_cache(maxsize=1)
def _font_options() -> Any:
    lib = libraries()
    options = lib.cairo_font_options_create()
    lib.cairo_font_options_set_antialias(options, 2)  # grey: no coloured fringes
    lib.cairo_font_options_set_hint_style(options, 2)  # slight: upright strokes stay where measured
    lib.cairo_font_options_set_hint_metrics(options, 1)  # off: parts add up to the whole
    return options


@lru_cache(maxsize=96)
def face(families: str, size: int, bold: bool, language: str) -> Face:
    """A shared `Face`."""
    return Face(families, size, bold, language)
