"""Tables of the one store, one module per aggregate; nothing but tables.

Imported by the stores of the services, by the migrations, and by
``services.common`` for the tables of ``store_state`` alone.
"""
