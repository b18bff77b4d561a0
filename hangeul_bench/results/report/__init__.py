"""One offline HTML page about some results."""
