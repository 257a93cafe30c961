"""The kinds of record that came after the first ones: their fields, and how a row becomes one."""
