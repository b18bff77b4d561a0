"""FontDiffuser (Yang et al., AAAI 2024), written from the paper."""
