"""What `make fuzz` is made of: seeds, ways to break them, and what may come of that."""
