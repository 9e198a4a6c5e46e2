"""Changes of the schema, in order; run by ``services.common.schema`` alone."""
