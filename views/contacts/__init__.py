"""People and companies: the lists, the pane, and one record at full width."""
