"""How scoring reads facts and policies, and keeps its derived rows; the ports, implemented.

Imported by ``main`` and by tests alone.
"""
