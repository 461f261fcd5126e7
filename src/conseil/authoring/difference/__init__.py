"""What changed between two states of a rulebook, and what that changes."""
