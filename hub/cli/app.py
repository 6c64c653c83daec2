"""The `hub` command: global options, groups of commands, exit codes."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.context import Context

GROUPS = {
    "sample": "Build a sample city with planted faults. 生成样例城市。",
    "catalog": "Lint, show, compare, probe and export contracts. 数据目录。",
    "batch": "Look at pulls and their certificates. 批次。",
    "quarantine": "Rows that broke a rule, with the rule. 隔离区。",
    "discrepancy": "Fields on which departments disagree. 差异。",
    "order": "Work orders: rows and fields for a department to mend. 工单。",
    "crosscheck": "Questions over several departments' data, and their findings. 比对模型。",
    "policy": "Support policies, held against every entity of a dataset. 惠企利民政策。",
    "dataset": "Releases of the base datasets. 基础数据集。",
    "request": "Requests for data: file, review, decide, dispute; their clocks. 共享申请。",
    "grant": "Grants: what each subscriber may have, credentials, revocation. 授权。",
    "deliver": "Deliveries: push releases to subscribers, and what became of it. 交付。",
    "objection": "Objections: one field of one record is doubted, and answered. 校核异议。",
    "receipt": "Receipts: signed proofs of deliveries. 交付回执。",
    "entity": "Who is who, why, and what stewards decided. 实体。",
    "report": "Quality reports, and their proof. 质量报告。",
    "audit": "The log of what happened, and its proof. 审计日志。",
    "airflow": "What a server's Airflow needs to know. 调度配置。",
}
COMMANDS = {"run": "run", "watch": "watch", "serve": "serve", "doctor": "doctor", "demo": "demo"}

INTERRUPTED = 130


class _Root(typer.core.TyperGroup):
    """Imports a group's module only when it is asked for, so that `hub --help` stays quick."""

    def list_commands(self, ctx: object) -> list[str]:
        return ["run", *GROUPS, "watch", "serve", "doctor", "demo"]

    def get_command(self, ctx: object, name: str):  # type: ignore[no-untyped-def]
        if name not in GROUPS and name not in COMMANDS:
            return None
        module = import_module(f"hub.cli.{name}")
        command = typer.main.get_command(module.app)
        command.name = name
        return command


app = typer.Typer(
    cls=_Root,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def options(
    ctx: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Home folder of the hub (HUB_HOME, else .hub).")
    ] = None,
    catalog: Annotated[
        Path | None, typer.Option(help="Catalog folder (HUB_CATALOG, else the sample city's).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """The exchange hub 政务数据共享交换枢纽: pull, check, reconcile, publish and share.

    Exit codes: 0 done; 2 wrong usage or setting; 3 invalid catalog; 4 a front end could not be
    read; 5 counts do not tie out; 6 not found; 7 no longer to be decided; 10 done, but a batch was
    held or rejected, or an application lacks something; 11 breaking change; 12 a front end differs
    from its contract; 13 a report does not follow from the ledger; 14 a delivery could not be made;
    15 the audit log is not as it was; 1 any other fault of the hub's.
    """
    from hub.settings import settings

    chosen = settings(home, catalog)
    ctx.obj = Context(chosen.home, chosen.catalog, as_json)


def main() -> None:
    """Run one command; errors become one clear message on stderr and an exit code.

    What nobody foresaw is named by kind and place alone, because the message of a database may
    quote a row; HUB_DEBUG=1 shows it whole.
    """
    from typer.exceptions import TyperException

    from hub.errors import CatalogError, HubError, in_words, unforeseen
    from schemas.problems import CatalogInvalid

    try:
        if _asks_for_json():
            sys.exit(app(standalone_mode=False) or 0)
        app()
    except TyperException as error:  # wrong usage, which Typer itself tells in sentences
        _fail("UsageError", error.format_message() or "Missing command.", 2)
    except HubError as error:
        _fail(type(error).__name__, in_words(error), error.exit_code)
    except CatalogInvalid as error:
        _fail("CatalogError", f"{CatalogError.zh}：{error}", 3)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        _fail("Fault", unforeseen(error), 1)


def _asks_for_json() -> bool:
    return "--json" in sys.argv


def _fail(kind: str, message: str, code: int) -> None:
    if _asks_for_json():
        print(json.dumps({"error": kind, "message": message, "exit_code": code}), file=sys.stderr)
    else:
        print(f"hub: {message}", file=sys.stderr)
    sys.exit(code)
