"""Server start-up, store access, identity and errors shared by both services.

Nothing here knows a business word. Domain code may import
``services.common.errors`` and nothing else of this package.
"""
