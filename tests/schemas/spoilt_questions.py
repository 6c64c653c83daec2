"""A sound cross-check and a sound policy for the small city, and one way to break each rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Files = dict[str, Any]
CHECK, POLICY = "crosschecks/unmarried.yaml", "policies/grant.yaml"


def questions(files: Files) -> Files:
    """Add a sound cross-check and a sound policy."""
    files[CHECK] = {
        "name": "unmarried",
        "version": "1.0.0",
        "title": {"zh": "重复支付", "en": "Paid twice"},
        "question": {"zh": "谁领了两次？", "en": "Who was paid twice?"},
        "datasets": ["population", "fund"],
        "supplies": ["civil/marriages"],
        "codelists": ["sex"],
        "catalog": ["departments"],
        "parameters": {"limit": 10},
        "sql": (
            "SELECT p.entity_id AS person, f.payment_no, m.certificate_no, s.label, d.title,\n"
            "  (f.amount * 100)::BIGINT AS amount_fen\n"
            "FROM population p JOIN fund f ON f.payee = p.entity_id\n"
            "JOIN civil_marriages m ON m._population_id = p.entity_id\n"
            "JOIN codelist_sex s ON s.code = p.sex, catalog_departments d\n"
            "WHERE f.amount > $limit AND p.birth_date < $as_of"
        ),
        "key": ["person", "payment_no"],
        "entity": {"population": "person"},
        "evidence": {"payment_no": {"zh": "支付编号", "en": "Payment", "from": "fund.payment_no"}},
        "amount": "amount_fen",
        "department": {"column": "title", "default": "police"},
        "legalBasis": [{"zh": "某法", "en": "Some Act"}],
    }
    files[POLICY] = {
        "name": "grant",
        "version": "1.0.0",
        "title": {"zh": "补助", "en": "Grant"},
        "dataset": "population",
        "department": "civil",
        "parameters": {"most": 100},
        "facts": {
            "had": {"from": "fund", "by": "payee", "value": "sum(amount)", "where": "amount > 0"},
            "weddings": {"from": "civil/marriages", "value": "count(*)"},
        },
        "conditions": {
            "poor": {"zh": "不足", "en": "Too little", "sql": "coalesce(had, 0) < $most"},
            "single": {"zh": "未婚", "en": "Single", "sql": "weddings = 0 AND this.sex = '1'"},
        },
        "legalBasis": [{"zh": "某法", "en": "Some Act"}],
    }
    return files


def check(**values: Any) -> Callable[[Files], None]:
    """A spoil that replaces keys of the cross-check."""
    return lambda files: questions(files)[CHECK].update(values)


def sql(old: str, new: str) -> Callable[[Files], None]:
    """A spoil that replaces a piece of the cross-check's SQL."""

    def spoil(files: Files) -> None:
        document = questions(files)[CHECK]
        assert old in document["sql"]
        document["sql"] = document["sql"].replace(old, new)

    return spoil


def policy(part: str, name: str, **values: Any) -> Callable[[Files], None]:
    """A spoil that changes one fact or condition of the policy."""
    return lambda files: questions(files)[POLICY][part].setdefault(name, {}).update(values)


SPOILT_QUESTIONS: dict[str, Callable[[Files], object]] = {
    "question_name": check(name="paid_twice"),
    "question_ignored": lambda f: f.update({"crosschecks/more/deep.yaml": "a: 1\n"}),
    "question_department": check(department="polise"),
    "question_dataset": check(entity={"populatoin": "person"}),
    "question_source": check(
        evidence={"payment_no": {"zh": "号", "en": "No", "from": "fund.payment"}}
    ),
    "relation_twice": check(supplies=["civil/marriages", "civil/marriages"]),
    "relation_undeclared": sql("FROM population p", "FROM populations p"),
    "relation_unused": check(supplies=["civil/marriages", "treasury/allocations"]),
    "select_invalid": check(sql="DROP TABLE population"),
    "select_function": sql("p.sex,", "p.sex, read_csv('/etc/passwd') x,"),
    "select_clock": sql("$as_of", "current_date"),
    "select_binding": sql("f.amount >", "f.amounts >"),
    "select_column": check(key=["person", "payment"]),
    "amount_type": sql("::BIGINT", "::DOUBLE"),
    "condition_type": policy("conditions", "poor", sql="coalesce(had, 0) + $most"),
    "parameter_unknown": sql("$limit", "$limit + $more"),
    "parameter_unused": check(parameters={"limit": 10, "spare": 1}),
    "parameter_reserved": check(parameters={"limit": 10, "as_of": "2026-01-01"}),
    "fact_by": policy("facts", "had", by="payer"),
    "fact_unused": policy("facts", "spare", **{"from": "fund", "by": "payee", "value": "count(*)"}),
}
