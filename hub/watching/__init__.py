"""The watch: what time alone brings about, once an hour."""

from hub.watching.room import DUTIES, Watched, watch

__all__ = ["DUTIES", "Watched", "watch"]
