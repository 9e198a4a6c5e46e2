"""What scoring knows of subjects, days and exact numbers; the standard library only.

Imported by every other layer of the scoring service.
"""
