"""Trying a candidate policy before it counts: dry runs and shadow runs."""
