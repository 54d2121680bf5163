"""What a book or a registry implies, beyond a single request."""
