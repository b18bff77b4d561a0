"""The part of a dataset whose licences allow it, ready for the Hugging Face Hub, and sent there."""

import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hangeul_bench import __version__
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256, write_whole
from hangeul_bench.base.progress import progress
from hangeul_bench.builder.texts import text_files
from hangeul_bench.dataset.fingerprint import benchmark_fingerprint
from hangeul_bench.dataset.format import Contents, FontSet, shard_paths
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.dataset.splits.lists import FONT_LISTS, check_splits

# Under the OFL no document made with a font, such as a picture of its glyphs, has to be under it.
PUBLISHABLE = ("OFL-1.1",)


@dataclass(frozen=True)
class Published:
    """What a folder for the Hub holds.

    Attributes:
        contents: Its fonts, splits and files.
        left_out: Font id to licence of each font that is not in it.
        is_benchmark: Whether scores on it are those of the whole dataset.
    """

    contents: Contents
    left_out: Mapping[str, str]
    is_benchmark: bool


def write_hub_folder(dataset: GlyphDataset, out: Path, *, name: str | None = None) -> Published:
    """Write the part of a dataset that may be published: itself a dataset, with a card for the Hub.

    Args:
        dataset: The whole.
        out: A new or empty folder.
        name: Of the dataset; that of the whole if None.

    Raises:
        UserError: ``out`` holds something, nothing useful is left of the dataset, or a file of
            images is not the one that the dataset names.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"Expected a new or empty folder at {out}, but found something there.")
    contents = publishable(dataset.contents)
    contents = replace(contents, name=name or contents.name)
    with progress("Copying", len(contents.shards), "files") as bar:
        for path, sha256 in contents.shards.items():
            _link(dataset.path / path, out / path, sha256)
            bar.advance()
    for path, text in text_files(contents).items():
        write_whole(out / path, text, sweep=False)
    kept = {font.font_id for font in contents.fonts}
    left_out = {f.font_id: f.licence for f in dataset.fonts if f.font_id not in kept}
    whole = benchmark_fingerprint(dataset.contents)
    return Published(contents, left_out, benchmark_fingerprint(contents) == whole is not None)


def publishable(contents: Contents) -> Contents:
    """What is left of a dataset without the fonts whose pictures may not be published.

    Raises:
        UserError: No font for training is left, or the content font is not.
    """
    fonts = tuple(font for font in contents.fonts if font.licence in PUBLISHABLE)
    kept = {font.font_id for font in fonts}
    if contents.splits.content_font not in kept:
        raise UserError(
            f"Only fonts under {' or '.join(PUBLISHABLE)} are published, but the content font "
            f"{contents.splits.content_font} is not under it; build with another one (--splits)."
        )
    lists = {
        name: tuple(font_id for font_id in getattr(contents.splits, name) if font_id in kept)
        for name in FONT_LISTS
    }
    splits = replace(contents.splits, **lists)  # type: ignore[arg-type]
    check_splits(splits, fonts, contents.characters)
    return replace(
        contents,
        splits=splits,
        fonts=fonts,
        missing=tuple(row for row in contents.missing if row.font_id in kept),
        shards={path: contents.shards[path] for path in shard_paths(splits)},
        font_set=_without(contents, kept),
    )


def _without(contents: Contents, kept: Collection[str]) -> FontSet | None:
    said = contents.font_set
    if said is None:
        return None
    dropped = (font.font_id for font in contents.fonts if font.font_id not in kept)
    return replace(said, lacks=tuple(sorted((*said.lacks, *dropped))))


def push(folder: Path, repo: str, *, private: bool = False, endpoint: str | None = None) -> str:
    """Make a dataset repository on the Hub hold just what a folder holds.

    Args:
        folder: As :func:`write_hub_folder` wrote it.
        repo: ``OWNER/NAME``; made if it is not there.
        private: Whether a new repository is private.
        endpoint: Another Hub than the one that ``huggingface_hub`` is set to.

    Returns:
        The address of the commit.

    Raises:
        UserError: ``huggingface_hub`` is not installed, or the Hub refuses.
    """
    try:
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError
        from huggingface_hub.errors import LocalTokenNotFoundError as NoToken
    except ImportError:
        raise UserError(
            "Pushing needs huggingface_hub; run pip install 'hangeul-bench[hub]'."
        ) from None
    api = HfApi(endpoint=endpoint, library_name="hangeul-bench", library_version=__version__)
    try:
        api.create_repo(repo, repo_type="dataset", private=private, exist_ok=True)
        commit = api.upload_folder(
            repo_id=repo,
            folder_path=folder,
            repo_type="dataset",
            delete_patterns="*",  # what an older push left and this one does not bring
            commit_message=f"Dataset of hangeul-bench {__version__}",
        )
    except (HfHubHTTPError, HFValidationError, NoToken, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(
            f"The Hub refused {repo}: {reason}; is the name right, and are you logged in "
            "('hf auth login' or $HF_TOKEN)?"
        ) from error
    return str(commit.commit_url)


def _link(source: Path, target: Path, sha256: str) -> None:
    """The same file under another name; a copy where the disk cannot."""
    if not source.is_file() or file_sha256(source) != sha256:
        raise UserError(
            f"{source} is not the file that the dataset names; run 'hangeul-bench verify' on it."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
