"""What the diffusion models share; none of them owns it."""
