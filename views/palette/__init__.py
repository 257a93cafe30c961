"""The box that finds any record and runs any action."""
