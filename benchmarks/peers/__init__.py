"""One module for each peer: its rules from plain conditions, and its loop; each runs in an environment of its own."""
