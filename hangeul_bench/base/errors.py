"""What ends a command in one sentence: a user's mistake, or what the system refuses."""

import errno
import io
import sys
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click


class UserError(Exception):
    """Something the user gave is not usable.

    The message is one sentence that says what was expected, what was found, where, and what to
    do. The command line prints it and ends with exit code 2.

    Args:
        message: The sentence. Line ends and control characters in it, which a name or a file may
            have brought, become spaces, so that it is one line wherever it is shown.
        reason: One word by which a program tells this mistake from others, where one does.
    """

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__("".join(" " if _breaks(c) else c for c in message))
        self.reason = reason


def _breaks(character: str) -> bool:
    """Whether a character ends a line or moves a terminal's cursor."""
    return unicodedata.category(character) in ("Cc", "Zl", "Zp")


_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_UNFIT = (
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.EEXIST,
    errno.ELOOP,
    errno.ENXIO,  # a socket
    errno.EBADF,  # the number of no open file
)
_SHOWN = 20  # characters of a text
_TOO_MANY_OPEN = (errno.EMFILE, errno.ENFILE)


def system_error_sentence(error: Exception) -> str | None:
    """One sentence for an error of the system; None for any other error."""
    if isinstance(error, OSError):
        return _os_error_sentence(error)
    if isinstance(error, UnicodeEncodeError):
        found = error.object[error.start : error.end][:_SHOWN]
        rename = "rename the file that has it in its name"
        remedy = rename if "utf" in error.encoding else f"set PYTHONUTF8=1, or {rename}"
        return f"{ascii(found)} cannot be written in {error.encoding}; {remedy}."
    if isinstance(error, MemoryError) or _is_torch_out_of_memory(error):
        detail = str(error).strip().partition("\n")[0]
        return (
            f"Out of memory{f' ({detail})' if detail else ''}; end other programs, or use fewer "
            "--workers or a smaller --batch-size."
        )
    return None


def _os_error_sentence(error: OSError) -> str | None:
    where = error.filename or "the output folder"
    if error.errno in _FULL:
        return f"The disk is full at {where}; free some space and run the same command again."
    if error.errno == errno.EFBIG:
        return (
            f"{where} would become larger than this system allows a file to be ({error.strerror}); "
            "raise the limit (ulimit -f) or choose a place on another disk."
        )
    if error.errno in _FORBIDDEN:
        return f"No permission for {where}; choose another folder or change its permissions."
    if error.errno in _UNFIT:
        return f"{where} cannot be used as it is asked for ({error.strerror}); name another path."
    if error.errno in _TOO_MANY_OPEN:
        return f"Too many files are open at {where}; raise the limit (ulimit -n) and run again."
    if error.errno == errno.EIO:
        return f"The disk of {where} fails ({error.strerror}); choose a place on another disk."
    return None


def _is_torch_out_of_memory(error: Exception) -> bool:
    # Told without importing torch: on a GPU by its class, on a CPU by its words.
    named = type(error).__name__ == "OutOfMemoryError"
    return named or (isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error))


def check_names(encoding: str | None = None) -> None:
    """Refuse a system whose file names cannot hold Korean, as fonts' ids and folders do.

    Args:
        encoding: Of file names; None is this process's.

    Raises:
        UserError: Says how to get UTF-8.
    """
    encoding = encoding or sys.getfilesystemencoding()
    try:
        "한글".encode(encoding)
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


def exit_on_user_error(command: "click.Command") -> None:
    """Run a command; a mistake, or what the system refuses, is one sentence, exit code 2."""
    import click  # models take UserError from here, and need no command line

    let_output_pass()
    try:
        check_names()
        command.main(standalone_mode=False)
    except UserError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from error
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from error
    except click.exceptions.Abort as error:
        raise SystemExit(130) from error
    except Exception as error:
        sentence = system_error_sentence(error)
        if sentence is None:
            raise
        click.echo(f"Error: {sentence}", err=True)
        raise SystemExit(2) from error
