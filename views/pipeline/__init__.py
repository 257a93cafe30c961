"""The pipeline: deals as a board, as a table, and one at a time."""
