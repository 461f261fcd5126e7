"""What can be proved of a rulebook: statements about every complete territory, each with its witness."""
