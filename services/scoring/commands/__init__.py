"""What the scoring service can do, one folder a subject, one use case a file; no wire, no database.

Imported by handlers, stores, ``serving`` and ``main``; reaches the store through ports alone.
"""
