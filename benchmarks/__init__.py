"""Benchmarks: ratios measured within one run; never part of the tests."""
