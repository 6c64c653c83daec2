"""A DuckDB that runs a catalog's SQL and can do nothing else: no file but those given, no network.

The catalog is written by stewards, and a slip there must neither read the machine nor stop it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb

from hub.errors import CatalogError
from hub.store import Store, identifier, literal
from schemas.properties import ZONE

_LITERAL = re.compile(r"'((?:[^']|'')*)'")
SPEAKABLE = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)
"""Errors about the SQL itself; the text of any other may quote a value."""


class Refused(Exception):
    """The engine refused a catalog's SQL; the words hold no value of any row."""


@contextmanager
def locked(
    store: Store, relations: Mapping[str, str], seconds: float
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A private instance with one view per relation, then shut: files, network and settings.

    A statement that runs longer than `seconds` is interrupted. Raises `Refused`.
    """
    views = dict(relations)
    with store.scratch() as spill:
        instance = duckdb.connect(
            config={
                "memory_limit": f"{store.memory_mb}MB",
                "threads": store.threads,
                "temp_directory": str(spill),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "python_enable_replacements": False,
                "preserve_insertion_order": False,
            }
        )
        timer = threading.Timer(seconds, instance.interrupt)
        try:
            # A day of `CAST(paid_at AS DATE)` is one of the city, as `$as_of` is.
            instance.execute(f"SET TimeZone = {literal(ZONE)}")
            for name, sql in views.items():
                instance.execute(f"CREATE VIEW {identifier(name)} AS {sql}")
            _shut(instance, store, views)
            timer.start()
            with spoken(seconds):
                yield instance
        finally:
            timer.cancel()
            instance.close()


def _shut(instance: duckdb.DuckDBPyConnection, store: Store, views: Mapping[str, str]) -> None:
    root = str(store.root)
    named = {text.replace("''", "'") for sql in views.values() for text in _LITERAL.findall(sql)}
    files = ", ".join(literal(path) for path in sorted(named) if path.startswith(root))
    instance.execute(f"SET allowed_paths = [{files}]")
    instance.execute("SET enable_external_access = false")
    instance.execute("SET lock_configuration = true")


@contextmanager
def spoken(seconds: float = 0) -> Iterator[None]:
    """Turn the engine's errors into `Refused`, without any value of a row."""
    try:
        yield
    except SPEAKABLE as error:
        raise Refused(str(error).partition("\n")[0]) from None
    except duckdb.InterruptException:
        raise Refused(f"stopped after {seconds:g} seconds") from None
    except duckdb.OutOfMemoryException:
        raise Refused("more memory is needed than HUB_MEMORY_MB allows") from None
    except duckdb.Error as error:
        raise Refused(f"{type(error).__name__} while reading the rows") from None
    except NotImplementedError:
        raise Refused("a column is of a type that no file can hold") from None
    except OSError as error:  # what the engine says in the middle of a stream
        if error.errno is not None:
            raise
        raise Refused(_streamed(str(error), seconds)) from None


def _streamed(message: str, seconds: float) -> str:
    kind = message.partition(":")[0]
    if kind == "INTERRUPT Error":
        return f"stopped after {seconds:g} seconds"
    if kind == "Out of Memory Error":
        return "more memory is needed than HUB_MEMORY_MB allows"
    return f"{kind[:40]} while reading the rows" if kind.endswith("Error") else "unreadable rows"


def needed(given: Mapping[str, Any], named: frozenset[str]) -> dict[str, Any]:
    """The parameters that one statement names: the engine refuses others."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in given.items()
        if name in named
    }


def faulty(kind: str, name: str, reason: object) -> CatalogError:
    """The error about one cross-check or policy."""
    return CatalogError(f"{kind} {name}: {reason}")
