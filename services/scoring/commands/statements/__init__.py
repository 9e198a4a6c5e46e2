"""Signed statements of an enterprise's credit."""
