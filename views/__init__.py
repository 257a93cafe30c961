"""Everything that knows Qt: pages, widgets, item models and the look."""
