"""How the jamo reader's weights are made."""
