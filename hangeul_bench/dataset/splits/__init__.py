"""Who trains and who tests: the benchmark's own lists, and lists chosen for other fonts."""
