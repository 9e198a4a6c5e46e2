"""Rates of work-safety liability insurance, their bounds, quotes and worksheets."""
