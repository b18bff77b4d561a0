"""What the page is told, as JSON: all that a user has, in one answer."""

from typing import Any

from fontmaker.app.export import Export
from fontmaker.app.jobs import Job
from fontmaker.app.session import Session, Setting
from fontmaker.app.style import Style
from hangeul_bench.base.errors import UserError


def state_of(session: Session | None) -> dict[str, Any]:
    """All that a session has; of none, that there is nothing.

    ``references`` are in the order in which they were given; ``sheet`` lists the boxes of the sheet
    that was given last and are no reference; ``text`` and ``font`` are null before the first is
    asked for.
    """
    if session is None:
        return {"references": [], "sheet": [], "text": None, "font": None}
    return {
        "references": [
            {
                "number": number,
                "syllable": reference.character,
                "name": reference.name,
                "seen": reference.read_as,
            }
            for number, reference in list(session.references.items())
        ],
        "sheet": _not_taken(session),
        "text": _text(session.setting, session.style),
        "font": _font(session.export),
    }


def _not_taken(session: Session) -> list[dict[str, str]]:
    """Boxes of the sheet whose syllables are no reference now, and why."""
    if session.sheet is None:
        return []
    there = {reference.character for reference in session.references.values()}
    return [
        {"syllable": b.syllable, "problem": b.problem or "over", "seen": b.read_as, "said": b.said}
        for b in session.sheet.boxes
        if b.syllable not in there
    ]


def error_of(error: UserError | None) -> dict[str, str] | None:
    """A mistake as the page gets it: a word to look its own sentence up by, and ours."""
    return None if error is None else {"reason": error.reason, "message": str(error)}


def _text(setting: Setting | None, style: Style | None) -> dict[str, Any] | None:
    if setting is None or style is None:
        return None
    glyphs = style.glyphs.copy()
    syllables = setting.lines.syllables
    return {
        "text": setting.text,
        "version": style.version,  # of /api/preview.ttf
        "drawn": [s for s in syllables if s in glyphs],
        "doubtful": {
            s: glyphs[s].read_as for s in syllables if s in glyphs and glyphs[s].read_as is not None
        },
        "left_out": [c for c in setting.lines.left_out if c not in style.others],
        **_progress(setting.job),
    }


def _font(export: Export | None) -> dict[str, Any] | None:
    if export is None:
        return None
    result = export.result
    return {
        "family": export.family,
        "syllables": export.n_syllables,
        "files": {kind: path.stat().st_size for kind, path in result.files.items()}
        if result
        else {},
        "doubtful": result.doubtful if result else {},
        "companion": result.companion if result else "",
        **_progress(export.job),
    }


def _progress(job: Job) -> dict[str, Any]:
    stage = job.stage
    return {
        "state": job.state,
        "stage": stage.title if stage else "",
        "done": stage.done if stage else 0,
        "total": stage.total if stage else 0,
        "rate": stage.rate if stage else None,
        "seconds_left": stage.seconds_left if stage else None,
        "error": error_of(job.error),
    }
