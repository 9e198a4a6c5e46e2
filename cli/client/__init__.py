"""How the command line reaches the services: who calls, over which channel, what went wrong."""
