"""Puts the verifier together into one file, which an auditor reads and takes home."""

from __future__ import annotations

import ast
from pathlib import Path

MODULES = ("sm3", "points", "sm2", "ed25519", "faults", "documents", "chain", "command")
"""Each needs only those before it."""

HEAD = '''\
#!/usr/bin/env python3
"""Verifies proof that an exchange hub gave out: exports of its audit log, and receipts.

One file; it needs Python 3.9 or newer and nothing else. Read it before you trust it.

    python verify.py EXPORT.jsonl RECEIPT.json --key KEY.pub
"""

from __future__ import annotations
'''


def standalone() -> str:
    """The text of the one file."""
    folder = Path(__file__).parent / "verifier"
    return HEAD + "".join(_section((folder / f"{name}.py").read_text("utf-8")) for name in MODULES)


def _section(text: str) -> str:
    """A module without its imports from the hub; its docstring becomes a comment."""
    lines = text.splitlines()
    tree = ast.parse(text)
    gone: set[int] = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in (
            "hub",
            "__future__",
        ):
            gone.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    doc = tree.body[0]
    gone.update(range(doc.lineno, (doc.end_lineno or doc.lineno) + 1))
    kept = "\n".join(line for n, line in enumerate(lines, 1) if n not in gone).strip()
    about = (ast.get_docstring(tree) or "").splitlines()[0]
    return f"\n\n# --- {about} ---\n\n{kept}\n"
