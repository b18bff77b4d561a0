"""Metrics that fail: left out with the reason, so that no finished drawing is thrown away."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hangeul_bench.base.errors import system_error_sentence
from hangeul_bench.base.tables import one_line
from hangeul_bench.hangeul.charset import codepoint_name

MAX_REASON = 200  # characters; a library's message may be a page long


def reason_of(error: Exception) -> str:
    """Why a metric failed, as a clause for a result.

    Raises:
        Exception: The error itself where the system refuses (memory, disk): the metric is not to
            blame, and the same command goes on once there is space.
    """
    if system_error_sentence(error) is not None:
        raise error
    text = one_line(str(error).strip().partition("\n")[0]).rstrip(".")
    return f"it failed ({type(error).__name__}{f': {text}' if text else ''})"[:MAX_REASON]


def check_finite(
    values: npt.NDArray[np.floating[Any]], characters: Sequence[str], font_id: str
) -> None:
    """Refuse NaN and infinity.

    Args:
        values: (N,) or (N, D), a row a glyph.
        characters: The N syllables.
        font_id: Their font.

    Raises:
        ArithmeticError: Names the first glyph and counts the others.
    """
    odd = np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(axis=1))
    if len(odd):
        first = characters[odd[0]]
        more = f" and {len(odd) - 1} more glyphs" if len(odd) > 1 else ""
        raise ArithmeticError(
            f"no finite number for {first} ({codepoint_name(first)}){more} of font {font_id}"
        )
