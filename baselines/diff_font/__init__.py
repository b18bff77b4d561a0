"""Diff-Font (He et al., IJCV 2024): the baseline, and the diffusion code that DK-Font extends."""
