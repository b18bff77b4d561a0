"""DK-Font: Diff-Font with a text encoder, a perceptual loss and a cosine schedule."""
