"""Diff-Font (He et al., IJCV 2024): the baseline."""
