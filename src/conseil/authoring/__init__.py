"""What the people who write a rulebook need: whether its cases hold, and what moves its actions."""
