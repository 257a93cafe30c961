"""The moment and the day, for views, which do not know the models."""

from models.clock import local, local_zone, now, today

__all__ = ["local", "local_zone", "now", "today"]
