"""What the scoring service can do, one use case a file; no wire and no database.

Imported by handlers, stores and ``main``; reaches the store through ``ports`` alone.
"""
