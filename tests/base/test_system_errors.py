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
    ("encoding", "said"),
    [("euc_kr", r"'\\ubdc1' cannot be written in euc_kr"), ("ascii", "written in ascii; set")],
)
def test_a_name_that_an_encoding_lacks_is_one_sentence(encoding, said):
    with pytest.raises(UnicodeEncodeError) as caught:
        "뷁.png".encode(encoding)
    sentence = system_error_sentence(caught.value)
    assert said in sentence and sentence.isascii() and "\n" not in sentence


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
