"""The ports of the credit service's commands, on the tables, on files and on cryptography.

The one writer of the tables of facts. Imported by `services.credit.main` alone.
"""
