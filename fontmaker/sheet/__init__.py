"""The sheet to write references on: its layout, its PDF, and how a photograph of it is read."""
