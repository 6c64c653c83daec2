"""A hospital group, an insurer and a chain of pharmacies: nobody the hub was built for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any

import openpyxl
import sqlalchemy

CATALOG = Path(__file__).parent / "catalog"

HOSPITAL = """
CREATE SCHEMA clinical;
CREATE TABLE clinical."Patient Master" ("PatientNo" bigint, "Site" char(3), "order" text,
  "fullName" varchar(200) NOT NULL, born date, weight_kg numeric(38,10), "user" text[],
  extra jsonb, "changedAt" timestamptz, PRIMARY KEY ("PatientNo", "Site"));
INSERT INTO clinical."Patient Master" SELECT i, (ARRAY['LON','MAN'])[1+i%2],
  (9900000000 + i)::text, 'Person '||i, date '1950-01-01' + i, i / 7.0,
  ARRAY['nuts', 'a,b "q"', NULL], jsonb_build_object('k', i, 't', 'it''s'),
  timestamptz '2025-01-01 00:00+00' + i * interval '1 second' FROM generate_series(1, 300) i;
UPDATE clinical."Patient Master" SET born = '0044-03-15 BC' WHERE "PatientNo" = 5;
UPDATE clinical."Patient Master" SET weight_kg = 'NaN' WHERE "PatientNo" = 6;
UPDATE clinical."Patient Master" SET "order" = '12' WHERE "PatientNo" = 7;
UPDATE clinical."Patient Master" SET "changedAt" = NULL WHERE "PatientNo" = 8;
CREATE TABLE access_log (at timestamp, who text, what text);
INSERT INTO access_log SELECT timestamp '2025-01-01' + (i % 5) * interval '1 min', 'u'||i%3, 'x'
  FROM generate_series(1, 60) i;
CREATE TABLE bill (no text PRIMARY KEY, nhs text, line text, pence int, paid date);
INSERT INTO bill SELECT 'B'||i, (9900000000 + i * 2)::text, 'L'||i % 4, i * 100 + 7,
  date '2025-01-01' + i % 30 FROM generate_series(1, 100) i;
CREATE VIEW v_bills AS SELECT no AS bill_no, nhs AS nhs_number, line AS budget_line,
  (pence / 100.0)::numeric(12,2) AS amount, paid AS paid_on FROM bill;
CREATE TABLE budget (line text PRIMARY KEY, amount numeric(12,2));
INSERT INTO budget VALUES ('L0', 2000), ('L1', 2000), ('L2', 1251.75), ('L9', 1)
"""

INSURER = """
SET sql_mode = '';
CREATE TABLE Member (ID bigint unsigned PRIMARY KEY, `group` char(10), name varchar(100),
  plan enum('gold','silver'), perks set('a','b'), flags bit(8), active tinyint(1), born date,
  joined datetime, town varchar(50) CHARACTER SET gbk);
INSERT INTO Member SELECT seq, 9900000200 + seq, concat('Person ', 200 + seq),
  if(seq % 2, 'gold', 'silver'), 'a,b', b'101', seq % 2,
  date_add('1950-01-01', interval 200 + seq day), '2025-01-01 10:00:00', '深圳'
  FROM seq_1_to_200;
INSERT INTO Member VALUES (18446744073709551615, '9900000900', 'Ann', 'gold', '', b'0', 1,
  '0000-00-00', '2025-01-01', '北京');
CREATE TABLE claims (id int PRIMARY KEY, amount decimal(10,2))
"""

HEADER = "when,NHS number,Drug,Price\n"


@dataclass(frozen=True)
class Strangers:
    """The three front ends, and a catalog of their own that a test may change."""

    hospital: sqlalchemy.Engine
    insurer: sqlalchemy.Engine
    catalog: Path
    home: Path

    def environ(self) -> dict[str, str]:
        return {
            "HOSPITAL_URL": _address(self.hospital, "postgresql"),
            "INSURER_URL": _address(self.insurer, "mysql"),
        }

    def deliver(self, name: str, content: str) -> None:
        (self.home / "drop" / name).write_text(content, encoding="utf-8")

    def edit(self, contract: str, *changes: tuple[str, str]) -> None:
        path = self.catalog / "contracts" / "supply" / f"{contract}.odcs.yaml"
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    def people(self) -> dict[str, dict[str, Any]]:
        """What the people dataset must hold, counted from the front ends without the hub."""
        found: dict[str, dict[str, Any]] = {}
        for number, name, born, weight in _rows(
            self.hospital,
            'SELECT "order", "fullName", born::text, weight_kg FROM clinical."Patient Master" '
            "WHERE weight_kg <> 'NaN' AND (born IS NULL OR born > '0001-01-01') "
            'AND length("order") = 10',
        ):
            found[number] = {"full_name": name, "born": born, "weight_kg": weight}
        for number, name, born, plan in _rows(
            self.insurer,
            "SELECT `group`, name, cast(born AS char), plan FROM Member WHERE born > '1900-01-01'",
        ):
            person = found.setdefault(number, {"full_name": name, "born": born})
            person["plan"] = plan
        for number, name, points in CUSTOMERS:
            found.setdefault(number, {"full_name": name})["points"] = points
        return found

    def billed(self) -> Decimal:
        return Decimal(_rows(self.hospital, "SELECT sum(amount) FROM v_bills")[0][0])


CUSTOMERS = [(str(9900000100 + i), f"Person {100 + i}", i * 10) for i in range(1, 41)]


def settle(hospital: str, insurer: str, tmp_path: Path) -> Strangers:
    """Fill fresh databases and a drop."""
    strangers = Strangers(
        sqlalchemy.create_engine(hospital),
        sqlalchemy.create_engine(insurer),
        copytree(CATALOG, tmp_path / "catalog"),
        tmp_path / "home",
    )
    change(strangers.hospital, HOSPITAL)
    change(strangers.insurer, INSURER)
    (strangers.home / "drop").mkdir(parents=True)
    lines = (f"2025-01-{1 + i % 28:02d},{9900000000 + i},Aspirin,{i}.50\n" for i in range(1, 51))
    strangers.deliver("sales_01.csv", HEADER + "".join(lines))
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in [("NHS number", "Name", "Points"), *CUSTOMERS]:
        sheet.append(list(row))
    book.save(strangers.home / "drop" / "customers.xlsx")
    return strangers


def change(engine: sqlalchemy.Engine, script: str) -> None:
    """Run statements, parted by `;` at the end of a line."""
    with engine.begin() as connection:
        for statement in script.split(";\n"):
            connection.exec_driver_sql(statement.replace("%", "%%"))


def _rows(engine: sqlalchemy.Engine, query: str) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(sqlalchemy.text(query)))


def _address(engine: sqlalchemy.Engine, scheme: str) -> str:
    return engine.url.set(drivername=scheme).render_as_string()
