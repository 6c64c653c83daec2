"""From the text that a front end shows to the contract's types, cell by cell exact.

A cell that is not of its type becomes null in its column and an entry of the row's `_faults`:
nothing is rounded, wrapped or nulled in silence.
"""

from connectors.cells.rows import type_rows

__all__ = ["type_rows"]
