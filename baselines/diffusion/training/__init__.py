"""How the diffusion models are trained."""
