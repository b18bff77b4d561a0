"""`build --dask`: the same bytes from a cluster, and one sentence for whatever it lacks."""

import os
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.builder import cluster as cluster_module
from hangeul_bench.builder import remote
from hangeul_bench.builder.cluster import dask_executor
from hangeul_bench.builder.output import begin, run_of
from hangeul_bench.builder.remote import make_remote_shard, remote_jobs
from hangeul_bench.builder.run import BuildOptions, build
from hangeul_bench.builder.shard import ShardJob
from hangeul_bench.cli import cli
from hangeul_bench.dataset.format import Part
from hangeul_bench.fonts.faces import find_faces
from support.cluster_tasks import dies_at_p1, end_twice, made_elsewhere
from support.folders import hashes
from support.small_fonts import SYLLABLES


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with distributed.LocalCluster(processes=True, host="127.0.0.1", **options) as cluster:
        yield cluster


@pytest.fixture
def command(fonts, options, tmp_path):
    words = ["build", "--fonts", fonts, "--out", tmp_path / "out", "--size", 32, "--name", "small"]
    return [str(word) for word in [*words, "--charset", options.charset, "--dask"]]


def refused(command):
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 2, result.output
    (sentence,) = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert "Traceback" not in result.output
    return sentence


def test_a_cluster_gives_the_same_bytes(cluster, command, fonts, options, tmp_path):
    build(fonts, tmp_path / "one", options)
    result = CliRunner().invoke(cli, [*command, cluster.scheduler_address])
    assert result.exit_code == 0, result.output
    assert "(6 drawn, 0 kept)" in result.output
    assert hashes(tmp_path / "one") == hashes(tmp_path / "out")


def test_folders_may_be_named_from_here(cluster, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = [str(os.path.relpath(word)) if os.path.isabs(word) else word for word in command]  # noqa: PTH117
    result = CliRunner().invoke(cli, [*words, cluster.scheduler_address])
    assert result.exit_code == 0, result.output


def test_nobody_answers(command, monkeypatch):
    monkeypatch.setattr(cluster_module, "_ANSWER", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert "No Dask scheduler answers at" in refused([*command, address])
    assert "No Dask scheduler answers at" in refused([*command, address])
    assert "No Dask scheduler answers at" in refused([*command, "no:address:at all"])


def test_another_server_answers(command, monkeypatch):
    monkeypatch.setattr(cluster_module, "_ANSWER", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as other:
        threading.Thread(target=greet, args=(other,), daemon=True).start()
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        assert "No Dask scheduler answers at" in refused([*command, address])


def greet(server):
    server.accept()[0].sendall(b"SSH-2.0-Other_1.0\r\n")


def test_without_the_package_it_says_what_to_install(command, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "install hangeul-bench[cluster]" in refused([*command, "tcp://127.0.0.1:1"])


@pytest.mark.parametrize("version", ["0.0.1", ModuleNotFoundError("No module named ...")])
def test_a_worker_without_this_version_is_refused(version, cluster_of_one, command, monkeypatch):
    from distributed import Client

    monkeypatch.setattr(Client, "run", lambda *_, **__: {"tcp://10.0.0.7:4": version})
    sentence = refused([*command, cluster_of_one.scheduler_address])
    assert "on the Dask worker tcp://10.0.0.7:4" in sentence
    assert ("0.0.1" if version == "0.0.1" else "it has none") in sentence


def test_dask_or_workers(command):
    assert "--dask or --workers" in refused([*command, "tcp://127.0.0.1:1", "--workers", "2"])


def test_what_a_dead_worker_had_to_do_another_does(cluster, tmp_path):
    with dask_executor(cluster.scheduler_address) as executor:
        assert executor.submit(end_twice, 7, tmp_path).result() == 7


def test_a_font_that_ends_every_worker_ends_the_run(
    cluster, command, fonts, options, tmp_path, monkeypatch
):
    monkeypatch.setattr("hangeul_bench.builder.run.make_remote_shard", dies_at_p1)
    sentence = refused([*command, cluster.scheduler_address])
    assert "died 4 times at one font" in sentence and "are kept" in sentence
    monkeypatch.undo()
    n_kept = len(list((tmp_path / "out").glob("images/sfsc/*"))) or 1
    assert build(fonts, tmp_path / "out", options).n_drawn <= 6 - n_kept


def test_a_cluster_that_loses_its_workers_is_given_up(cluster_of_one, monkeypatch):
    monkeypatch.setattr(cluster_module, "_PATIENCE", 0.2)
    monkeypatch.setattr(cluster_module, "_INTERVAL", 0.1)
    with (
        pytest.raises(UserError, match=r"has had no worker .* the same command continues"),
        dask_executor(cluster_of_one.scheduler_address) as executor,
    ):
        future = executor.submit(time.sleep, 60)
        cluster_of_one.scale(0)
        future.result(timeout=30)


@pytest.fixture
def cluster_of_one():
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": ":0"}
    with distributed.LocalCluster(processes=False, host="tcp://127.0.0.1", **options) as cluster:
        yield cluster


def test_a_scheduler_without_workers(cluster_of_one, command, monkeypatch):
    monkeypatch.setattr(cluster_module, "_ANSWER", 1.0)
    cluster_of_one.scale(0)
    sentence = refused([*command, cluster_of_one.scheduler_address])
    assert "has no worker" in sentence or "has had no worker" in sentence


@pytest.fixture
def remote_job(fonts, tmp_path):
    face = find_faces(fonts)[0]
    parts = (Part("sfsc", tuple(SYLLABLES)),)
    job = ShardJob(face, tuple(SYLLABLES), 32, tmp_path / "out", parts)
    (tmp_path / "out").mkdir()
    return remote_jobs([job], begin(job.out, [job]))[0]


def test_a_worker_that_sees_the_folders_draws(remote_job):
    assert make_remote_shard(remote_job).drawn
    assert run_of(remote_job.job.out) == remote_job.run


def test_a_worker_that_does_not_see_the_dataset_says_so(remote_job, tmp_path):
    job = replace(remote_job.job, out=tmp_path / "elsewhere")
    with pytest.raises(UserError, match="does not see the dataset .* all machines share"):
        make_remote_shard(replace(remote_job, job=job))
    with pytest.raises(UserError, match="does not see the dataset"):  # that of another run
        make_remote_shard(replace(remote_job, run="other"))
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_worker_that_does_not_see_the_fonts_says_so(remote_job):
    remote_job.job.face.path.unlink()
    with pytest.raises(UserError, match="does not see the font .* all machines share"):
        make_remote_shard(remote_job)


def test_a_worker_with_other_versions_is_refused(remote_job, monkeypatch):
    monkeypatch.setattr("hangeul_bench.builder.shard.freetype_version", lambda: "2.99")
    with pytest.raises(UserError, match="would draw other bytes"):
        make_remote_shard(remote_job)


def test_files_that_never_come_are_one_sentence(fonts, options, tmp_path, monkeypatch):
    monkeypatch.setattr(remote, "_LONGEST_WAIT", 0.0)
    monkeypatch.setattr("hangeul_bench.builder.run.make_remote_shard", made_elsewhere)
    with ThreadPoolExecutor(1) as executor, pytest.raises(UserError, match="not to be seen here"):
        build(fonts, tmp_path / "out", BuildOptions(32, options.charset, executor=executor))
