"""The use cases of the credit service, one a file, and the ports through which they work.

A command owns one transaction. It knows neither the wire nor the database; handlers call it, and
the store implements its ports.
"""
