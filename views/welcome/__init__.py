"""The first start, and choosing a workspace."""
