"""What is stored: mapped records and the rules that belong to one record."""
