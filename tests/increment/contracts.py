"""How the datasets of these tests are put together: `reconcile` of three contracts."""

from __future__ import annotations

THINGS = {
    "entity": "person",
    "keys": [{"name": "number"}, {"name": "code"}],
    "sources": [
        {
            "supply": "office/register",
            "keys": {"number": "no", "code": "code"},
            "fields": {"label": "name", "birth": "born", "mark": "mark"},
            "recency": "seen",
        },
        {
            "supply": "tax/list",
            "keys": {"number": "no"},
            "fields": {"label": "label", "birth": "birth", "mark": "mark"},
            "recency": "at",
        },
        {
            "supply": "shop/cards",
            "keys": {"code": "code"},
            "fields": {"label": "holder", "mark": "mark"},
            "where": "holder <> 'nobody'",
        },
    ],
    "survivorship": {"mark": {"rule": "agreement"}, "birth": {"rule": "recency"}},
    "evidence": {"compare": {"label": {"how": "name"}, "birth": {"how": "date"}}},
    "duplicates": [["label", "birth"], ["label", "mark"]],
    "balance": [
        {
            "name": "marks",
            "into": [{"supply": "office/register", "line": "mark", "amount": "amount"}],
            "out": [{"supply": "tax/list", "line": "mark", "amount": "amount"}],
        }
    ],
}
DEALS = {
    "entity": "deal",
    "keys": [{"name": "deal"}],
    "sources": [
        {
            "supply": "bank/deals",
            "keys": {"deal": "deal"},
            "fields": {"payee_no": "payee", "payee_code": "firm"},
        }
    ],
    "resolve": [
        {
            "field": "payee",
            "using": {"things": "payee_no"},
            "key": {"things": "number"},
            "unfit": {"things": "that.mark = 'm1'"},
        },
        {
            "field": "firm",
            "using": {"things": "payee_code"},
            "key": {"things": "code"},
            "required": False,
        },
    ],
}

PEOPLE = {
    "entity": "person",
    "keys": [{"name": "number"}],
    "sources": [
        {
            "supply": "office/people",
            "keys": {"number": "no"},
            "fields": {"name": "name", "birth": "born", "address": "address", "phone": "phone"},
        },
        {
            "supply": "clinic/patients",
            "keys": {"number": "no"},
            "fields": {"name": "name", "birth": "born", "address": "address", "phone": "phone"},
        },
        {
            "supply": "school/pupils",
            "fields": {"name": "name", "birth": "born", "phone": "phone"},
            "once": True,
        },
    ],
    "evidence": {"compare": {"name": {"how": "name"}, "birth": {"how": "date"}}},
    "linkage": {},
    "duplicates": [["name", "birth"]],
}
