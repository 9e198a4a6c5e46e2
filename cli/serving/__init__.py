"""Both servers as children of one command: started, watched and stopped together."""
