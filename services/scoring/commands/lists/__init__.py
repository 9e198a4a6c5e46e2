"""The procedure of the blacklists and redlists, step by step, from candidate to removal."""
