"""Tables of peers: made over whole populations, kept, and pinned to answers."""
