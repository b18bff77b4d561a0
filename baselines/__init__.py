"""Models to compare with: controls that need no weights, Diff-Font and retrieval-font."""
