"""Broken fonts, pictures and tables by the thousand: what a stranger's files may hold."""
