"""How a subscriber's inbox is reached: one module per kind, listed in `registry`."""

from hub.channels.registry import open_channel

__all__ = ["open_channel"]
