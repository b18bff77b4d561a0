"""A dataset in the folder layouts that other programs train from."""
