"""Whether strokes are whole: the parts and holes of the ink against those of the true glyph."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.sparse.csgraph
import torch
from torch import Tensor

from hangeul_bench.metrics.base import GlyphMetric, GlyphPair, in_chunks

LEVELS = (64, 128, 192)  # a pixel is ink if its value is below
SPECK = 1 / 2048  # share of the page: 8 pixels of 128 x 128; parts and holes below are not counted

_CHUNK = 64
_Bools = npt.NDArray[np.bool_]
_Counts = npt.NDArray[np.int64]


class TopologyError(GlyphMetric):
    """Share of the parts and holes of the ink that are too many or too few.

    A part is a connected piece of ink (8 neighbours), a hole a connected piece of paper (4
    neighbours) that ink shuts off from the outside; outside the page is paper. Those smaller than
    1/2048 of the page (8 pixels at 128 x 128) are specks and count for nothing. With p parts and h
    holes in the drawn glyph, q and g in the true one, the error is

        (|p - q| + |h - g|) / (max(p, q) + max(h, g)),

    and 0 for two pages without ink. Where to cut a grey edge is a matter of taste, so both glyphs
    are cut at the values 64, 128 and 192, each by itself, and the least of the nine errors counts:
    a stroke is broken, or two are joined, only if no cut says otherwise. A hairline that is
    nowhere darker than a quarter is lost all the same.

    Range [0, 1]; lower is better. A page without ink scores 1 against any glyph; where the ink
    lies, how thick or how soft it is, makes no difference, so a syllable of as many parts and
    holes scores 0: read it beside the jamo error rate. A broken and a joined stroke in one glyph
    cancel out.

    Source: own definition. The differences of counts are the Betti number error of Hu et al.,
    Topology-Preserving Deep Image Segmentation (NeurIPS 2019), of the whole page; 8 neighbours for
    ink with 4 for paper from Rosenfeld, Connectivity in Digital Pictures (JACM 1970).
    """

    name = "topology_error"

    def signature(self) -> str:
        """Definition and version."""
        levels = ",".join(map(str, LEVELS))
        return (
            f"topology_error[v1|parts8+holes4|speck<1/{1 / SPECK:g}|ink<{levels}|share|mean-glyph]"
        )

    def score(self, pair: GlyphPair) -> dict[str, Tensor]:
        """The error of each glyph."""
        return {self.name: in_chunks(_errors, pair.pred, pair.target, size=_CHUNK)}


def count(images: npt.NDArray[np.uint8], ink_below: int = 128) -> _Counts:
    """Parts and holes of the ink of glyphs, specks left out.

    Args:
        images: (N, H, W) uint8, 0 = ink, 255 = paper.
        ink_below: A pixel is ink if its value is below.

    Returns:
        (N, 2) int64: parts, holes.
    """
    if not len(images):
        return np.zeros((0, 2), np.int64)
    least = SPECK * images.shape[1] * images.shape[2]
    # A frame of paper: no run of ink goes round an edge, and all paper outside of the ink, of all
    # pages, is one piece.
    ink = np.pad(images < ink_below, ((0, 0), (1, 1), (1, 1)))
    pages = [
        pieces.place[pieces.sizes >= least] // ink[0].size
        for pieces in _pieces(ink.ravel(), ink.shape[2])
    ]
    return np.stack([np.bincount(page, minlength=len(ink)) for page in pages], axis=1)


def _errors(pred: Tensor, target: Tensor) -> Tensor:
    """The least error over all pairs of cuts: (N, H, W) twice => (N,) float64."""
    drawn, true = (
        np.stack([count(x.cpu().numpy(), level) for level in LEVELS]) for x in (pred, target)
    )  # (L, N, 2)
    drawn, true = drawn[:, None], true[None]
    differing = np.abs(drawn - true).sum(axis=-1)  # (L, L, N)
    most = np.maximum(drawn, true).sum(axis=-1)
    error = np.divide(differing, most, out=np.zeros(most.shape), where=most > 0)
    return torch.from_numpy(error.min(axis=(0, 1)))


class _Pieces(NamedTuple):
    """Connected pieces of pages in a row: (P,) where one of its pixels is, (P,) pixels it has."""

    place: _Counts
    sizes: _Counts


def _pieces(ink: _Bools, row: int) -> tuple[_Pieces, _Pieces]:
    """The parts and the holes of the ink of pages in a row, each page in a frame of paper.

    Pixels are taken by the run: paper and ink take turns, so run 2i is of paper, 2i + 1 of ink,
    and a run touches those of the next row from the one under its start to that under its end.

    Args:
        ink: (N * H * W) pages, row by row.
        row: W, the length of a row in pixels.
    """
    starts = np.concatenate([[0], np.flatnonzero(ink[1:] != ink[:-1]) + 1])
    lengths = np.diff(starts, append=len(ink))
    run_at = np.repeat(np.arange(len(starts), dtype=np.int32), lengths)
    under = starts + row
    last = len(ink) - 1  # under the last row there is nothing: its run touches itself
    # A diagonal joins ink and so divides paper.
    parts = _join(
        starts[1::2],
        lengths[1::2],
        run_at[under[1::2] - 1] // 2,
        (run_at[under[1::2] + lengths[1::2]] - 1) // 2,
    )
    first = run_at[np.minimum(under[::2], last)]
    final = run_at[np.minimum(under[::2] + lengths[::2] - 1, last)]
    papers = _join(starts[::2], lengths[::2], (first + 1) // 2, final // 2)
    return parts, _Pieces(papers.place[1:], papers.sizes[1:])  # the first is the outside


def _join(starts: _Counts, lengths: _Counts, first: _Counts, last: _Counts) -> _Pieces:
    """Runs to pieces: run i touches those from ``first[i]`` to ``last[i]``, if there are any."""
    n = len(starts)
    n_touched = last - first + 1
    ends = np.cumsum(n_touched)
    touched = np.arange(n_touched.sum()) + np.repeat(first - ends + n_touched, n_touched)
    graph = scipy.sparse.csr_array(
        (np.ones(len(touched), np.int8), touched, np.concatenate([[0], ends])), shape=(n, n)
    )
    n_pieces, piece = scipy.sparse.csgraph.connected_components(graph, directed=False)
    place = np.zeros(n_pieces, np.int64)
    place[piece] = starts
    return _Pieces(place, np.bincount(piece, lengths, n_pieces).astype(np.int64))
