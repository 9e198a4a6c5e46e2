"""Putting the services together from stores, commands and handlers.

Imported by ``services.scoring.main`` alone.
"""
