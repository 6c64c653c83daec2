"""`hub serve`: the portal, over HTTP."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.context import Context

app = typer.Typer(help="Serve what was granted: Delta Sharing and downloads. 共享门户。")

APPLICATION = "portal.app:create_app"  # by name: the hub imports nothing of the portal
GOODBYE_S = 10  # that answers under way are given when the server ends
CONNECTIONS = 1_000  # at once; who comes then is told to come again (503)
IDLE_S = 30  # that an idle connection is kept; the official client's pools come back within


@app.command()
def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8090,
    certificate: Annotated[
        Path | None, typer.Option(help="TLS certificate chain, PEM; none: plain HTTP.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Private key of the certificate.")] = None,
) -> None:
    """Serve Delta Sharing and downloads until stopped; subscribers need HTTPS in front or here."""
    from hub.errors import SettingsError
    from hub.opened import open_hub

    context: Context = ctx.obj
    for path in (certificate, key):
        if path is not None and not path.is_file():
            raise SettingsError(f"there is no file {path}")
    if (certificate is None) != (key is None):
        raise SettingsError("--certificate and --key go together")
    _require_free(host, port)
    with open_hub(context.home, context.catalog_root):
        pass  # says now, in one sentence, what is wrong with catalog or ledger
    os.environ["HUB_HOME"] = str(context.home)
    os.environ["HUB_CATALOG"] = str(context.catalog_root)
    scheme = "http" if certificate is None else "https"
    context.say(f"portal 门户: {scheme}://{host}:{port}/  (Ctrl-C ends 结束)")
    _run(host, port, certificate, key)


def _require_free(host: str, port: int) -> None:
    """Raise `SettingsError` when nobody can listen there; uvicorn tells it in its log alone."""
    from hub.errors import SettingsError

    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise SettingsError(f"cannot listen on {host} port {port}: {error.strerror}") from None


def _run(host: str, port: int, certificate: Path | None, key: Path | None) -> None:
    import uvicorn

    uvicorn.run(
        APPLICATION,
        factory=True,
        host=host,
        port=port,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        access_log=False,  # it would hold signatures; portal.access tells without them
        server_header=False,
        date_header=True,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=GOODBYE_S,
        log_config=_logging(),
    )


def _logging() -> dict[str, Any]:
    """Everything on standard error, with the time."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "loggers": {
            "uvicorn": {"handlers": ["err"], "level": "INFO", "propagate": False},
            "portal": {"handlers": ["err"], "level": "INFO", "propagate": False},
        },
    }
