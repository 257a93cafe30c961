"""What the program does: everything but pixels."""
