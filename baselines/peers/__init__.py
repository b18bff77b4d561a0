"""Other people's programs as models of the benchmark; their code lies in a folder of the user's."""
