"""A reference subscriber: keeps a copy of the published lists in a SQLite file exactly right.

``feed`` speaks to the service, ``copy`` is the file, ``loading`` fills a new one, ``keeping`` does
the one thing after the other, and ``lookup`` answers without a network.
"""
