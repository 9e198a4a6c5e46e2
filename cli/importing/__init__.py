"""Import of files by mapping: rows of any table become records of the credit service."""
