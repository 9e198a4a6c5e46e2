"""Who must insure, what covers there are, and what is wrong with them."""
