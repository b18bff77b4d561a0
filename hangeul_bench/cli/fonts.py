"""``hangeul-bench fonts``: list and fetch the pinned open fonts; audit a folder of fonts."""

import json
from pathlib import Path

import click

from hangeul_bench.fonts.corpus import SETS


@click.group()
def fonts() -> None:
    """List and fetch the pinned open fonts; audit a folder."""


@fonts.command("list")
@click.option("--set", "set_name", type=click.Choice(list(SETS)), help="Its fonts, one a line.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_sets(set_name: str | None, as_json: bool) -> None:
    """Say which sets there are: counts, licences, and where the fonts come from."""
    from hangeul_bench.fonts.corpus import (
        corpus_fonts,
        font_lines,
        font_row,
        summary,
        summary_lines,
    )

    rows = [summary(name) for name in ([set_name] if set_name else SETS)]
    if as_json:
        if set_name:
            rows[0]["list"] = [font_row(font) for font in corpus_fonts(set_name)]
        click.echo(json.dumps({"sets": rows}, ensure_ascii=False, indent=1))
        return
    lines = [*summary_lines(rows), *(["", *font_lines(set_name)] if set_name else [])]
    click.echo("\n".join(lines))


@fonts.command()
@click.option(
    "--set",
    "set_name",
    type=click.Choice(list(SETS)),
    default="demo",
    show_default=True,
    help="'hangeul-bench fonts list' says what is in each.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("fonts"),
    show_default=True,
    help="Folder for handwritten/, printed/ and fonts.lock.json.",
)
@click.option(
    "--from",
    "sources",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Folder that is looked through in place of the network; may be given again.",
)
@click.option("--jobs", type=click.IntRange(1, 16), default=4, help="Downloads at once.")
def fetch(set_name: str, out: Path, sources: tuple[Path, ...], jobs: int) -> None:
    """Bring one set of the open fonts into a folder; the same command completes it.

    With --from, files are recognised by their SHA-256, whatever their names; no network is asked.

    Exit code 0: all are there. 1: some fonts cannot be had; each is named with its reason.
    """
    from hangeul_bench.fonts.download import fetch as fetch_fonts

    fetched = fetch_fonts(set_name, out, jobs=jobs, sources=sources)
    n_written, n_kept = len(fetched.written), len(fetched.kept)
    click.echo(f"{n_written + n_kept} fonts in {out}: {n_written} fetched, {n_kept} kept.")
    for path, reason in fetched.unread.items():
        click.echo(f"Not looked at: {path}: {reason}.", err=True)
    reasons: dict[str, list[str]] = {}
    for font_id, reason in fetched.failures.items():
        reasons.setdefault(reason, []).append(font_id)
    for reason, font_ids in reasons.items():
        click.echo(f"Not fetched: {', '.join(font_ids)}: {reason}.", err=True)
    if fetched.failures:
        click.echo("The same command tries again what is missing.", err=True)
        raise SystemExit(1)


@fonts.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write all here.")
@click.option("--instances", is_flag=True, help="Variable fonts at all their named instances.")
@click.option("--workers", type=click.IntRange(1), help="Processes; one a core by default.")
@click.option("--read", is_flag=True, help="Have the jamo reader read each font's syllables.")
@click.option(
    "--sample",
    type=click.IntRange(1),
    help="With --read: this many syllables of each font.  [default: all 2,350]",
)
@click.option(
    "--pictures",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --read: folder for pictures of what is misread.  [default: beside --json]",
)
def audit(
    folder: Path,
    json_file: Path | None,
    instances: bool,
    workers: int | None,
    read: bool,
    sample: int | None,
    pictures: Path | None,
) -> None:
    """Report what each font of FOLDER lacks or gets wrong, and which fonts are copies.

    --read also names the syllables that surely read as another one, which takes a core some 5 s a
    font. Some people write one letter as another: look at the pictures.

    Exit code 0: all files are usable fonts, and no two that look alike stand on both sides of the
    split. 1: some are not usable, or two such fonts leak from the test into the training.
    """
    from hangeul_bench.base.errors import UserError
    from hangeul_bench.base.files import is_stdout, write_whole
    from hangeul_bench.base.processes import default_workers
    from hangeul_bench.builder.audit.folder import audit_fonts
    from hangeul_bench.builder.audit.report import audit_json, audit_text

    on_stdout = json_file is not None and is_stdout(json_file)  # refuses a folder before the work
    if not read and (sample or pictures):
        raise UserError("--sample and --pictures belong to --read; give that too.")
    n_workers = workers or default_workers()
    report = audit_fonts(folder, instances=instances, workers=n_workers)
    if read:
        from hangeul_bench.builder.audit.reading import read_fonts

        if json_file and not pictures:
            pictures = json_file.with_name(f"{json_file.stem}-misread")
        report = read_fonts(
            report, instances=instances, count=sample, pictures=pictures, workers=n_workers
        )
    if json_file:
        write_whole(json_file, audit_json(report))
    click.echo(audit_text(report), nl=False, err=on_stdout)
    if report.unusable or report.split.leaks:
        raise SystemExit(1)
