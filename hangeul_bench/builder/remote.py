"""Fonts drawn by processes that may run on other machines: what those must share with this one."""

import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.output import run_of
from hangeul_bench.builder.shard import Shard, ShardJob, make_shard

# Seconds that a file may take to appear here after another machine wrote it: NFS remembers for up
# to a minute that it was not there (acdirmax).
_LONGEST_WAIT = 90.0


@dataclass(frozen=True)
class RemoteJob:
    """A job, and by what a process elsewhere can tell that it would do it as it is meant.

    Attributes:
        job: What to draw.
        key: The job's own, as this machine's libraries make it.
        run: What :func:`hangeul_bench.builder.output.begin` wrote into the folder.
    """

    job: ShardJob
    key: str
    run: str


def remote_jobs(jobs: Sequence[ShardJob], run: str) -> list[RemoteJob]:
    """The jobs of one run, ready to be sent."""
    return [RemoteJob(job, job.key, run) for job in jobs]


def make_remote_shard(remote: RemoteJob) -> Shard:
    """Make a shard where the folders of fonts and dataset may be other ones of the same name.

    Raises:
        UserError: This machine does not see the run's folder or the font, has libraries that draw
            otherwise, or cannot draw the font.
    """
    job, here = remote.job, socket.gethostname()
    if run_of(job.out) != remote.run:
        raise UserError(
            f"The worker on {here} does not see the dataset that is being built in {job.out}; "
            "give an --out that all machines share under one path."
        )
    if not job.face.path.is_file():
        raise UserError(
            f"The worker on {here} does not see the font {job.face.path}; give a --fonts that all "
            "machines share under one path."
        )
    if job.key != remote.key:
        raise UserError(
            f"The worker on {here} would draw other bytes than this machine, as its versions of "
            "hangeul-bench or FreeType differ; install the same ones everywhere."
        )
    return make_shard(job)


def wait_for_files(out: Path, shards: Mapping[str, Shard]) -> None:
    """Return once this machine sees every file that others wrote.

    Raises:
        UserError: One has not come after a minute and a half.
    """
    end = time.monotonic() + _LONGEST_WAIT
    for shard in shards.values():
        for path in shard.files:
            while not (out / path).is_file():
                if time.monotonic() > end:
                    raise UserError(
                        f"A worker wrote {out / path}, but it is not to be seen here; give an "
                        "--out that all machines share under one path."
                    )
                time.sleep(0.2)
