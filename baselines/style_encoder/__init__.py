"""DG-Font's style encoder: a glyph in, a vector that says which font it is from out."""
