"""What the machine that runs the checks installs first; every command in it is a stub here."""

import os
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).parents[1] / ".ci" / "run"
TOOLS = ("bash", "env", "dirname", "cat")


def run_ci(folder, *, user, present=(), apt="exit 0", make="", code=0):
    """Run the script where only stubs are on PATH; what they were called with, and the output."""
    required = 'test "$HANGEUL_BENCH_REQUIRE_BROWSER" = 1'  # or browser tests would be skipped
    stubs = {
        "id": f"echo {user}",
        "make": f"{required} || exit\n{make}",
        **dict.fromkeys(present, ""),
    }
    if apt is not None:
        stubs["apt-get"] = apt
    for name, body in stubs.items():
        path = folder / name
        path.write_text(f'#!/bin/sh\necho {name} "$@" >> {folder}/calls\n{body}\n')
        path.chmod(0o755)
    for tool in TOOLS:
        found = next(p for p in map(Path, ("/usr/bin", "/bin")) if (p / tool).exists())
        (folder / tool).symlink_to(found / tool)
    told = ("HANGEUL_BENCH_CORE", "HANGEUL_BENCH_CORE_DATA")  # by the run that runs this test
    environment = {name: value for name, value in os.environ.items() if name not in told}
    environment["PATH"] = str(folder)
    bash = str(folder / "bash")
    done = subprocess.run([bash, RUN], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    calls = (folder / "calls").read_text().splitlines()
    return [call for call in calls if not call.startswith("id")], done.stdout


CHECKS = ["make lint", "make corpus", "make test"]


def test_a_browser_is_installed_where_it_is_missing(tmp_path):
    calls, said = run_ci(tmp_path, user=0)
    installed = "apt-get install -y -qq --no-install-recommends chromium-driver chromium"
    assert calls == ["apt-get update -qq", installed, *CHECKS]
    assert said == ""


def test_nothing_is_installed_where_a_browser_is(tmp_path):
    calls, said = run_ci(tmp_path, user=0, present=("chromium", "chromedriver"))
    assert (calls, said) == (CHECKS, "")


@pytest.mark.parametrize(
    ("user", "apt", "words"),
    [
        (1000, "exit 0", "as root on Debian: apt-get install chromium-driver chromium"),
        (0, None, "as root on Debian: apt-get install chromium-driver chromium"),
        (0, "exit 100", "apt-get could not install chromium-driver chromium"),
    ],
)
def test_without_a_browser_one_line_says_so_and_its_tests_fail_where_others_run(
    tmp_path, user, apt, words
):
    calls, said = run_ci(tmp_path, user=user, apt=apt)
    assert calls[-3:] == CHECKS
    assert "tests will fail" in said
    assert words in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("make", "named"), [("", "yes"), ('case "$*" in corpus) exit 2;; esac', "no")]
)
def test_the_tests_are_told_where_the_corpus_is_if_it_came(tmp_path, make, named):
    tell = 'test -n "${HANGEUL_BENCH_CORE_DATA:-}" && a=yes || a=no; echo "$a" > ' + str(
        tmp_path / "told"
    )
    _, said = run_ci(
        tmp_path, user=1000, present=("chromium", "chromedriver"), make=f"{tell}\n{make}"
    )
    assert (tmp_path / "told").read_text().strip() == named
    assert ("No corpus: its tests are skipped" in said) == (named == "no")


@pytest.mark.parametrize(("second", "code"), [("exit 0", 0), ("exit 1", 1)])
def test_what_failed_runs_once_more_and_counts_then(tmp_path, second, code):
    """A first run that fails is followed by one of its failures, which decides."""
    once = f'case "$*" in *last-failed*) {second};; test) exit 2;; esac'
    calls, said = run_ci(
        tmp_path, user=1000, present=("chromium", "chromedriver"), make=once, code=code
    )
    assert calls == [*CHECKS, "make test ARGS=--last-failed --last-failed-no-failures none"]
    assert "Once more" in said
