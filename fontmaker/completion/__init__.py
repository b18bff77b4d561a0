"""A half-finished font gets the syllables that it lacks; what it has stays as it is."""
