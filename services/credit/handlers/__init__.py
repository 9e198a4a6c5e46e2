"""Requests as values, and values as answers: everything of the service that knows the wire.

Handlers check what a request is in itself, call a command, and write its answer. They know neither
the database nor, apart from conversions, any rule of their own.
"""
