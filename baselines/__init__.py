"""Models to compare with: controls that need no weights, and the Diff-Font baseline."""
