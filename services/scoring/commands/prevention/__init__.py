"""Evaluating the prevention services of insurers."""
