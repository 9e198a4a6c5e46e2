"""The engine: policies compiled into plans over columns; NumPy only, no input or output.

A population is columns, and an enterprise is a population of one. Imported by the commands of both
services: credit derives accident levels with it, scoring everything else (ADR 0002).
"""
