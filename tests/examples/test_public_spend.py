"""The public spending example: contracts alone, over files that look like the councils'."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

CHECKOUT = Path(__file__).parents[2]
CATALOG = CHECKOUT / "examples" / "public-spend"
HARROGATE = (
    "Body Name,Expenditure category,Capital/ Revenue,Service label,Service code,Expenditure Code,"
    "Payment Date,Supplier Name,Transaction No.,Net amount,Narrative"
)
HARROGATE_LATER = (
    "Body Name,Expenditure Category,Capital /Revenue,Service Label,Service Code,"
    "Expenditure Code(T),Payment date,Supplier Name,Transaction No,Net Amount,Narrative"
)
LEEDS = (
    "Body,Body name,Service label,Service divison label,Expenditure category,"
    "Detailed expenses type,Detailed expense code,Date paid,Transaction number,Net amount,"
    "Capital or revenue,Supplier name "
)
LEEDS_LATER = (
    "Body,BodyName,ServiceLabel,ServiceDivisionLabel,ExpenditureCategory,DetailedExpenditureType,"
    "DetailedExpenditureCode,DatePaid,TransactionNumber,NetAmount,CapitalOrRevenue,SupplierName"
)
SALFORD = (
    "Authority Name,Date of Payment,SAP Document Number,Gross,VAT,Net,Supplier Name,Directorate,"
    "G/L description."
)
HARROGATE_LINE = (
    "Harrogate Borough Council,Premises,{kind},Community,Parks,Rent,{day},{name},{no},{amount},"
    "{note}"
)
LEEDS_LINE = (
    "http://example.org/00DA,{body},Homes,Works,Supplies,Materials,008,{day},{no},{amount},R,{name}"
)
SALFORD_LINE = 'Salford City Council,{day},{no},{gross},{vat},{net},{name},"Community, Health",Care'
FILLERS = 30  # sound lines of £1.00 in each file, so that its broken ones do not reject it


def harrogate(name: str, amount: str, day: str = "2015-10-28", **other: str) -> str:
    cells = {"kind": "R", "no": "4639357", "note": ""} | other
    return HARROGATE_LINE.format(name=name, amount=amount, day=day, **cells)


def leeds(name: str, amount: str, day: str, **other: str) -> str:
    cells = {"body": "Leeds City Council", "no": "1203-00001"} | other
    return LEEDS_LINE.format(name=name, amount=amount, day=day, **cells)


def salford(name: str, gross: str, vat: str, net: str, no: str = "1600558293") -> str:
    return SALFORD_LINE.format(name=name, gross=gross, vat=vat, net=net, no=no, day="2016-04-27")


FILES = {
    "harrogate/2015-10.csv": [
        HARROGATE,
        *[harrogate("Filler Ltd", "1.00")] * FILLERS,
        harrogate("ACME LTD", "31.22"),
        harrogate("ACME LTD", "31.22"),  # whole lines repeat, and both are payments
        harrogate("REDACTED - PERSONAL DATA", "100", note="Caf\u00e9 \u00a350"),
        harrogate('"OPEN QUOTE LTD', "7.00"),
        harrogate("BRAVO PLC", "8.00"),
    ],
    "harrogate/2021-11.csv": [
        HARROGATE_LATER,
        *[harrogate("Filler Ltd", "1.00", "2021-11-08")] * FILLERS,
        harrogate("Charlie & Sons", "710.99", "2021-11-08"),
        harrogate("Delta Ltd", "1.00", "08/11/2021"),
        harrogate("Delta Ltd", "\u00a31.00", "2021-11-08"),
        harrogate("Delta Ltd", "1.00", "2021-11-08", kind="X"),
    ],
    "leeds/2012-03.csv": [
        LEEDS,
        *[leeds("Filler Ltd", "1", "02-Mar-12")] * FILLERS,
        leeds("Acme Limited ", "570.4", "02-Mar-12", body="East - North East   "),
        leeds("Acme Limited", "1.00", "30-Feb-12"),
        leeds("Acme Limited", "12.345", "02-Mar-12"),
        "http://example.org/00DA,Leeds City Council,Homes",
    ],
    "leeds/2013-03.csv": [
        LEEDS_LATER,
        *[leeds("Filler Ltd", "1.00", "28-Mar-2013")] * FILLERS,
        leeds("charlie and sons", "-118.20", "28-Mar-2013"),
        leeds("Various - Total Expenses", "20.00", "28-Mar-2013"),
    ],
    "salford/2016-04.csv": [
        SALFORD,
        *[salford("Filler Ltd", "1.20", "0.20", "1.00")] * FILLERS,
        salford("The Acme Ltd", "720.00", "120.00", "600.00"),
        salford("Swapped Ltd", "100.00", "20.00", "120.00"),
        salford("N/A", "10.00", "0", "10.00"),
        salford("Redacted Data", "10.00", "0", "10.00", no="vbqsfiyxc"),
    ],
}
SOUND = {  # accepted lines, quarantined lines, net amount accepted; counted by hand
    "harrogate/2015-10.csv": (34, 1, Decimal("200.44")),
    "harrogate/2021-11.csv": (31, 3, Decimal("740.99")),
    "leeds/2012-03.csv": (31, 3, Decimal("600.40")),
    "leeds/2013-03.csv": (32, 0, Decimal("-68.20")),
    "salford/2016-04.csv": (32, 2, Decimal("640.00")),
}


class Hub:
    """The command line, over one home and one folder of files."""

    def __init__(self, home: Path, files: Path) -> None:
        self.home, self._files = home, files

    def __call__(self, *words: str) -> Any:
        """The command's JSON answer; a held or rejected batch is an answer too."""
        done = subprocess.run(
            [
                sys.executable, "-c", "from hub.cli import main; main()", "--home", self.home,
                "--catalog", CATALOG, "--json", *words,
            ],
            capture_output=True, text=True, cwd=CHECKOUT,
            env=os.environ | {"PUBLIC_SPEND": str(self._files)},
        )  # fmt: skip
        assert done.returncode in (0, 10), done.stderr
        return json.loads(done.stdout)

    def golden(self, dataset: str) -> Any:
        (path,) = (self.home / "store" / "reconciled" / dataset).glob("*/golden.parquet")
        return pq.read_table(path)


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub after it ran over the look-alike files."""
    files = tmp_path_factory.mktemp("spend")
    for name, lines in FILES.items():
        path = files / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(("\r\n".join(lines) + "\r\n").encode("cp1252"))
        os.utime(path, (1_600_000_000, 1_600_000_000))
    found = Hub(tmp_path_factory.mktemp("home"), files)
    found("run", "--all")
    yield found


def test_every_row_of_every_file_is_accounted_for(hub: Hub) -> None:
    found = {
        b["file"]: (b["source"], b["accepted"], b["quarantined"]) for b in hub("batch", "list")
    }
    assert found == {
        name: (len(FILES[name]) - 1, accepted, quarantined)
        for name, (accepted, quarantined, _) in SOUND.items()
    }


def test_what_was_accepted_is_released_to_the_penny(hub: Hub) -> None:
    found: dict[str, list[Decimal]] = {}
    for row in hub.golden("payments").to_pylist():
        found.setdefault(row["payment_row"].partition("#")[0], []).append(row["net_amount"])
    assert {name: (len(amounts), sum(amounts)) for name, amounts in found.items()} == {
        name: (accepted, amount) for name, (accepted, _, amount) in SOUND.items()
    }


def test_every_broken_line_is_quarantined_with_its_reason(hub: Hub) -> None:
    rules = {(entry["supply"], entry["rule"]): entry["rows"] for entry in hub("quarantine", "list")}
    broken = {
        ("harrogate/payments", "paid_on.type"): 1,
        ("harrogate/payments", "net_amount.type"): 1,
        ("leeds/payments", "paid_on.type"): 1,
        ("leeds/payments", "net_amount.type"): 1,
        ("salford/payments", "supplier_name.required"): 1,
    }
    assert broken.items() <= rules.items()
    assert any("codelist" in rule for supply, rule in rules if supply == "harrogate/payments")
    assert any("gross is not less than net" in rule for _, rule in rules)


def test_suppliers_are_one_entity_across_councils_and_spellings(hub: Hub) -> None:
    names = {name.casefold() for name in hub.golden("suppliers")["supplier_name"].to_pylist()}
    assert len(names) == 4  # Acme, Bravo, Charlie, Filler
    assert not any("redacted" in name or "various" in name for name in names)
    paid: dict[str, set[str]] = {}
    for row in hub.golden("payments").to_pylist():
        if row["supplier_entity_id"]:
            paid.setdefault(row["supplier_entity_id"], set()).add(row["supplier_name"])
    assert {"ACME LTD", "Acme Limited", "The Acme Ltd"} in paid.values()
    assert {"Charlie & Sons", "charlie and sons"} in paid.values()
    assert len(paid) == 4


def test_a_second_run_finds_nothing_new(hub: Hub) -> None:
    before = hub("batch", "list")
    hub("run", "--all")
    assert hub("batch", "list") == before


@pytest.mark.skipif("PUBLIC_SPEND" not in os.environ, reason="PUBLIC_SPEND names no folder")
def test_the_published_files_agree_with_an_independent_count(tmp_path: Path) -> None:
    files = Path(os.environ["PUBLIC_SPEND"])
    real = Hub(tmp_path, files)
    real("run", "--all")
    batches = {batch["file"]: batch for batch in real("batch", "list")}
    counted, total = 0, Decimal(0)
    for path in sorted(files.glob("*/*.csv")):
        with path.open(encoding="cp1252", newline="") as lines:
            rows = list(csv.DictReader(lines))
        (net,) = [k for k in rows[0] if k.lower().replace(" ", "") in ("net", "netamount")]
        counted += len(rows)
        total += sum(Decimal(row[net]) for row in rows)
        assert batches[f"{path.parent.name}/{path.name}"]["source"] == len(rows)
    payments = real.golden("payments")
    quarantined = sum(batch["quarantined"] for batch in batches.values())
    assert payments.num_rows + quarantined == counted
    assert pc.sum(payments["net_amount"]).as_py() + Decimal("1259317.87") == total
