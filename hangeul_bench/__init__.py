"""Dataset and benchmark toolkit for Korean (Hangeul) font generation."""

__version__ = "0.1.0"
