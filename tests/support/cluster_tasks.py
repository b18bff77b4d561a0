"""What workers of a cluster are given to do in tests: a worker has to find it by its name."""

import os
import signal

from hangeul_bench.builder.remote import make_remote_shard


def end_twice(job, path):
    """Die twice, as a machine that loses its power would, then work."""
    for name in ("first", "second"):
        if not (path / name).exists():
            (path / name).touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return job


def dies_at_p1(item):
    """Draw a font, but die at one of them."""
    if item.job.face.font_id == "family-p1-regular":
        os.kill(os.getpid(), signal.SIGKILL)
    return make_remote_shard(item)


def made_elsewhere(item):
    """Draw a font into a folder that nobody else sees."""
    shard = make_remote_shard(item)
    for path in shard.files:
        (item.job.out / path).unlink()
    return shard
