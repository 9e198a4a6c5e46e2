"""What an enterprise, a person and a record are, and which of them can be true.

Pure values and rules of the standard library; imported by every other layer of the service.
"""
