"""Risk models, their governance, and what they foretell."""
