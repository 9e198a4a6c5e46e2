"""An invented population with five years of history, the same bytes for the same seed.

No enterprise, person or document in it is real: every name holds the sign 样
(sample), organisation codes begin with YY, and persons were born in 1900.
"""
