"""DG-Font (Xie et al., CVPR 2021): unsupervised font generation by deformed skips."""
