import errno
import os

import pytest

from hangeul_bench.base.system_errors import system_error_sentence


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "The disk is full at out/file;"),
        (errno.EDQUOT, "The disk is full at out/file;"),
        (errno.EFBIG, "out/file would become larger than this system allows"),
        (errno.EACCES, "No permission for out/file;"),
        (errno.EROFS, "No permission for out/file;"),
        (errno.ENAMETOOLONG, "out/file cannot be used as it is asked for"),
        (errno.ENXIO, "out/file cannot be used as it is asked for"),
        (errno.EBADF, "out/file cannot be used as it is asked for"),
        (errno.EMFILE, "Too many files are open at out/file;"),
        (errno.EIO, "The disk of out/file fails"),
    ],
)
def test_each_refusal_of_the_system_is_one_sentence(number, said):
    sentence = system_error_sentence(OSError(number, os.strerror(number), "out/file"))
    assert sentence.startswith(said)
    assert sentence.endswith(".") and "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "encoding", "said"),
    [
        ("가😀.png", "euc_kr", r"'\U0001f600' cannot be written in euc_kr; set PYTHONUTF8=1, or"),
        ("가.png", "ascii", r"'\uac00' cannot be written in ascii; set PYTHONUTF8=1, or rename"),
        ("\udcc7.png", "utf-8", r"'\udcc7' cannot be written in utf-8; rename the file"),
    ],
)
def test_a_name_that_an_encoding_lacks_is_one_sentence(name, encoding, said):
    with pytest.raises(UnicodeEncodeError) as caught:
        name.encode(encoding)
    sentence = system_error_sentence(caught.value)
    assert sentence.startswith(said) and "\n" not in sentence


class OutOfMemoryError(RuntimeError):
    """Named as torch.cuda's, whose message has several lines."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        MemoryError("Unable to allocate 3.00 TiB for an array"),
        RuntimeError("[enforce fail] . DefaultCPUAllocator: can't allocate memory: you tried"),
        OutOfMemoryError("CUDA out of memory.\nTried to allocate 20 MiB"),
    ],
)
def test_want_of_memory_is_one_sentence(error):
    sentence = system_error_sentence(error)
    assert sentence.startswith("Out of memory")
    assert "--batch-size" in sentence and "\n" not in sentence


@pytest.mark.parametrize("error", [BrokenPipeError(), ValueError("x"), RuntimeError("x")])
def test_other_errors_are_not_dressed_up(error):
    assert system_error_sentence(error) is None
