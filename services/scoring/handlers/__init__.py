"""The wire of the scoring service: messages in, values out, and back; nothing else.

Imported by ``main`` and by tests alone.
"""
