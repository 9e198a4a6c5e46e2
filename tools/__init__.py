"""Programs that check the project itself; nothing that is shipped imports them."""
