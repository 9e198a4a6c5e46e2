"""Published lists, for the systems of other departments that hold copies of them."""
