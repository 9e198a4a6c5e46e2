"""What a value rests on: where it is looked up in a table, the table is what sets it."""

from services.engine.language import Source, Version
from services.engine.terms import Lookup


def source_of_value(version: Version, name: str) -> Source:
    """Give the source that sets a value; the version's own where it has no such value.

    A version that overrides a table and leaves the value that looks it up alone changes the amounts
    by the table's instrument, not by the one that the value came with.
    """
    value = version.values.get(name)
    if value is None:
        return version.source
    if isinstance(value.expression, Lookup) and value.expression.table in version.tables:
        return version.tables[value.expression.table].source
    return value.source
