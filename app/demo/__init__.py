"""A coherent synthetic office of any size, to try the program with and to measure it."""

from app.demo.make import DemoCounts, make_demo

__all__ = ["DemoCounts", "make_demo"]
