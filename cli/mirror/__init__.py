"""A reference subscriber: keeps a copy of the published lists in a SQLite file exactly right.

``feed`` speaks to the service, ``copy`` is the file, ``new_copy`` fills a new one, ``keeping`` does
the one thing after the other, and ``lookup`` answers without a network. ``leaves`` and ``tree`` are
what is known of the file in memory: ``reading`` takes it from a file that is opened, ``encoding``
from entries that come, and ``changes`` writes those.
"""
