"""What the system refuses, as the one sentence that a user reads: no space, memory, right, name."""

import errno

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
