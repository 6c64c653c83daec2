"""What trimming takes away, so that a server can be asked to trim alike."""

from __future__ import annotations

WHITE_SPACE = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""Every character that Arrow's `utf8_trim_whitespace` removes."""
