"""The perceptual loss and the glyph network that it can look through."""
