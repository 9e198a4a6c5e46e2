"""Credit grades of enterprises, given, kept fresh and looked ahead."""
