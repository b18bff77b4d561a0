"""Retrieval-augmented one-shot drawing: neighbours, aligned, beside a diffusion on the SDF."""
