"""Work orders: what was wrong goes back to its department, and closes by itself once mended."""

from hub.orders.desk import Desk
from hub.orders.refresh import refresh_dataset, refresh_supply

__all__ = ["Desk", "refresh_dataset", "refresh_supply"]
