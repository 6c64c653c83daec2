"""Reading ahead: the server sends the next block while this one is decoded."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
PATIENCE_S = 0.1


def ahead(items: Generator[T, None, None], depth: int = 1) -> Iterator[T]:
    """The items, made by a thread of their own that keeps up to `depth` ready.

    Its errors are raised here, after the items before them. When the reader gives up, the thread
    closes `items` and is waited for, so that the connection behind it is free again.
    """
    ready: Queue[T | BaseException | None] = Queue(depth)
    given_up = Event()

    def offer(item: T | BaseException | None) -> bool:
        while not given_up.is_set():
            try:
                ready.put(item, timeout=PATIENCE_S)
                return True
            except Full:
                continue
        return False

    def work() -> None:
        try:
            for item in items:
                if not offer(item):
                    return
            offer(None)
        except BaseException as error:  # every error is the reader's
            offer(error)
        finally:
            items.close()

    thread = Thread(target=work, name="read-ahead", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        given_up.set()
        thread.join()
