"""The throwaway servers answer."""

from __future__ import annotations

import pytest
import sqlalchemy

pytestmark = pytest.mark.server


@pytest.mark.parametrize("database", ["postgres_database", "mariadb_database"])
def test_fresh_database_keeps_chinese_text(database: str, request: pytest.FixtureRequest) -> None:
    engine = sqlalchemy.create_engine(request.getfixturevalue(database))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (name varchar(20))")
        connection.exec_driver_sql("INSERT INTO t VALUES ('欧阳娜娜𠮷')")
        assert connection.exec_driver_sql("SELECT name FROM t").scalar() == "欧阳娜娜𠮷"
    engine.dispose()
