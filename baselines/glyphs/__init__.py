"""Glyphs as networks take them: representations, alignment, augmentation, banks of fields."""
