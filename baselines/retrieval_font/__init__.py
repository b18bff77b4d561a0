"""Retrieval-augmented one-shot drawing: kindred fonts, aligned, beside a diffusion on the SDF."""
