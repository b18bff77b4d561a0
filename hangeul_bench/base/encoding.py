"""The system's encoding of names and of output, where it is not UTF-8."""

import io
import sys

from hangeul_bench.base.errors import UserError

_KOREAN = "한글"


def check_names(encoding: str | None = None) -> None:
    """Refuse a system whose file names cannot hold Korean, as fonts' ids and folders do.

    Args:
        encoding: Of file names; None is this process's.

    Raises:
        UserError: Says how to get UTF-8.
    """
    encoding = encoding or sys.getfilesystemencoding()
    try:
        _KOREAN.encode(encoding)
    except UnicodeEncodeError:
        raise UserError(
            f"Expected an encoding of file names that can hold Korean, but this locale's is "
            f"{encoding}; set PYTHONUTF8=1 or a UTF-8 locale such as LC_ALL=C.UTF-8."
        ) from None


def let_output_pass() -> None:
    """Have what the terminal's encoding lacks written as its number, not end the program."""
    for stream in (sys.stdout, sys.stderr):
        # UTF-8 lacks only halves of characters, from names of files that are not UTF-8.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
