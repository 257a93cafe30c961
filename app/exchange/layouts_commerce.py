"""Shops and event streams that are known by their headers."""

from typing import Final

from app.exchange.layout import Layout

LAYOUTS: Final[tuple[Layout, ...]] = ()
