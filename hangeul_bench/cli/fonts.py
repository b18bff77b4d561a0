"""``hangeul-bench fonts``: fetch the pinned open fonts; audit a folder of fonts."""

from pathlib import Path

import click

from hangeul_bench.corpus import SETS


@click.group()
def fonts() -> None:
    """Fetch the pinned open fonts; audit a folder."""


@fonts.command()
@click.option(
    "--set",
    "set_name",
    type=click.Choice(SETS),
    default="demo",
    show_default=True,
    help="eval: the 20 evaluation fonts; demo: 10 training fonts more; npm: 85; core: all 135.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("fonts"),
    show_default=True,
    help="Folder for handwritten/, printed/ and fonts.lock.json.",
)
@click.option("--jobs", type=click.IntRange(1, 16), default=4, help="Packages at once.")
def fetch(set_name: str, out: Path, jobs: int) -> None:
    """Bring one set of the open fonts into a folder; the same command completes it.

    Exit code 0: all are there. 1: some packages cannot be had; each is named with its reason.
    """
    from hangeul_bench.corpus import fetch as fetch_fonts

    fetched = fetch_fonts(set_name, out, jobs=jobs)
    n_written, n_kept = len(fetched.written), len(fetched.kept)
    click.echo(f"{n_written + n_kept} fonts in {out}: {n_written} fetched, {n_kept} kept.")
    reasons: dict[str, list[str]] = {}
    for package, reason in fetched.failures.items():
        reasons.setdefault(reason, []).append(package)
    for reason, packages in reasons.items():
        click.echo(f"Not fetched: {', '.join(packages)}: {reason}.", err=True)
    if fetched.failures:
        click.echo("The same command tries again what is missing.", err=True)
        raise SystemExit(1)


@fonts.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write all here.")
@click.option("--instances", is_flag=True, help="Variable fonts at all their named instances.")
@click.option("--workers", type=click.IntRange(1), help="Processes; one a core by default.")
def audit(folder: Path, json_file: Path | None, instances: bool, workers: int | None) -> None:
    """Report what each font of FOLDER lacks or gets wrong, and which fonts are copies.

    Exit code 0: all files are usable fonts. 1: some are not; they stand at the end.
    """
    from hangeul_bench.atomic import write_text
    from hangeul_bench.audit import audit_fonts
    from hangeul_bench.audit_report import audit_json, audit_text
    from hangeul_bench.workers import default_workers

    report = audit_fonts(folder, instances=instances, workers=workers or default_workers())
    if json_file:
        write_text(json_file, audit_json(report))
    click.echo(audit_text(report), nl=False)
    if report.unusable:
        raise SystemExit(1)
