"""The ``safetycredit`` command: starts the servers, and talks to them by gRPC only.

Nothing imports this package.
"""
