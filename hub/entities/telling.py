"""An account put into sentences: what the terminal prints and the page sets in tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hub.entities.account import Account, FieldAccount, Link, Side
from hub.entities.rows import Record
from hub.entities.words import Language, listing, percent, say
from hub.linkage import Step
from schemas.contract import Catalog


@dataclass(frozen=True)
class Teller:
    """Says an account in one language, with the names that the catalog gives."""

    account: Account
    catalog: Catalog
    language: Language

    def say(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)

    def title(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def supply(self, name: str | None) -> str:
        """A supply's title with its name."""
        known = self.catalog.supplies.get(name or "")
        if known is None:
            return name or "—"
        return self.title(f"{known.title}（{name}）", f"{known.title_en or known.title} ({name})")

    def department(self, supply: str) -> str:
        known = self.catalog.departments.get(supply.partition("/")[0])
        return self.title(known.title.zh, known.title.en) if known else supply.partition("/")[0]

    def who(self, supply: str) -> str:
        """Who says something, in a sentence: the department, with the supply where it has more."""
        own = supply.partition("/")[0]
        others = self.catalog.datasets[self.account.dataset].supplies
        if sum(name.partition("/")[0] == own for name in others) > 1:
            return self.supply(supply)
        return self.department(supply)

    def side(self, side: Side) -> str:
        return f"{self.who(side[0])} {side[1]}"

    def shown(self, field: str, value: str | None) -> str:
        """A value as people read it: a code with its label."""
        if value is None:
            return "—"
        dataset = self.catalog.datasets[self.account.dataset]
        named = next((f.properties.codelist for f in dataset.fields if f.name == field), None)
        codelist = self.catalog.codelists.get(named or "")
        code = next((c for c in codelist.codes if c.code == value), None) if codelist else None
        label = self.title(code.label, code.label_en or code.label) if code else ""
        if not label or label == value:
            return value
        return self.title(f"{value}（{label}）", f"{value} ({label})")

    def lead(self) -> str:
        records = self.account.records
        supplies = {record.supply for record in records}
        if len(records) == 1:
            return self.say("lead_one", supply=self.supply(records[0].supply))
        return self.say("lead", records=len(records), supplies=len(supplies))

    def because(self, record: Record) -> list[str]:
        """Why a record belongs to the entity: its keys, links, a steward's word."""
        reasons = [self._by_key(record, name, value) for name, value in record.keys.items()]
        if not record.keys:
            reasons.append(self.say("no_key"))
        for link in self.account.links:
            for own, other in ((link.one, link.other), (link.other, link.one)):
                if own == (record.supply, record.source_key):
                    reasons.append(self._by_link(link, other))
        if record.changed:
            reasons.append(self.say("changed"))
        if record.gone:
            reasons = [self.say("gone")]
        return reasons

    def _by_key(self, record: Record, name: str, value: str) -> str:
        parted = dict(self.account.disowned).get((record.supply, record.source_key))
        if parted is not None:
            key = self.key_title(name)
            return self.say("disowned", number=key, value=value, entity=parted)
        others = [
            other.supply
            for other in self.account.records
            if other is not record and other.keys.get(name) == value
        ]
        key = self.key_title(name)
        if not others:
            return self.say("key_alone", number=key, value=value)
        named = listing([self.who(name) for name in dict.fromkeys(others)], self.language)
        return self.say("key_shared", number=key, value=value, others=named)

    def key_title(self, space: str) -> str:
        """The golden field that shows a key space, by its title."""
        dataset = self.catalog.datasets[self.account.dataset]
        shown = {key.name: key.field or key.name for key in dataset.reconcile.keys}.get(space)
        field = next((f for f in dataset.fields if f.name == shown), None)
        if field is None:
            return space
        return self.title(field.title, field.properties.title_en or field.name)

    def key_fields(self) -> set[str]:
        """The golden fields that show a key."""
        keys = self.catalog.datasets[self.account.dataset].reconcile.keys
        return {key.field or key.name for key in keys}

    def _by_link(self, link: Link, other: Side) -> str:
        if link.decision == "confirmed":
            return self.say("by_steward", other=self.side(other))
        probability = percent(link.probability, self.language)
        return self.say("by_link", other=self.side(other), probability=probability)

    def why(self, field: FieldAccount) -> str:
        """Why a field holds its value."""
        if field.value is None:
            return self.say("empty")
        if field.supply is None:
            return self.say("referred")
        if len({supply for supply, _, _ in field.said}) == 1:
            return self.say("only", supply=self.who(field.supply))
        return self.say(field.rule, supply=self.who(field.supply))

    def others(self, field: FieldAccount) -> list[str]:
        """Who else agrees, and who says what else."""
        agree = [s for s, _, value in field.said if value == field.value and s != field.supply]
        said = []
        if agree:
            named = listing([self.who(name) for name in dict.fromkeys(agree)], self.language)
            said.append(self.say("agrees", supplies=named))
        differ = [(s, value) for s, _, value in field.said if value != field.value]
        said += [
            self.say("differs", supply=self.who(s), value=self.shown(field.field, v))
            for s, v in dict.fromkeys(differ)
        ]
        return said

    def events(self) -> list[str]:
        """Merges and splits, the oldest first."""
        told = [
            self.say(e.kind, release=e.release, old=e.old_id, new=e.new_id)
            for e in self.account.events
            if e.kind in ("merge", "split")
        ]
        return told or [self.say("no_history")]

    def decided(self) -> list[str]:
        """What stewards decided, the oldest first."""
        return [
            self.say(
                "decided",
                by=one.by,
                at=f"{one.at:%Y-%m-%d %H:%M}",
                what=f"{self.say(one.kind)} [{one.id}]",
                holds=self.say("holds" if one.in_effect else "taken_back"),
                reason=one.reason,
            )
            for one in self.account.decisions
        ]


def lines(account: Account, catalog: Catalog, language: Language) -> Iterator[str]:
    """The account for a terminal."""
    teller = Teller(account, catalog, language)
    dataset = teller.title(account.title, account.title_en)
    yield f"{teller.say('entity')} {account.entity_id} · " + teller.say(
        "of_release", dataset=dataset, release=account.release
    )
    if account.redirected:
        yield teller.say("redirected", asked=account.asked, entity=account.entity_id)
    yield teller.lead()
    yield f"\n{teller.say('records')}"
    for record in account.records:
        yield f"  {teller.supply(record.supply)} · {record.source_key} · {record.batch_id}"
        yield from (f"    {reason}" for reason in teller.because(record))
    yield f"\n{teller.say('fields')}"
    for field in account.fields:
        if field.value is not None or field.said:
            title = teller.title(field.title, field.title_en)
            yield f"  {title}: {teller.shown(field.field, field.value)}"
            yield f"    {'; '.join([teller.why(field), *teller.others(field)])}"
    if account.links:
        yield f"\n{teller.say('links')}"
        for link in account.links:
            yield from _link(teller, link)
    if account.near:
        yield f"\n{teller.say('near')}"
        for link in account.near:
            yield from _link(teller, link, short=True)
    yield f"\n{teller.say('history')}"
    yield from (f"  {line}" for line in (*teller.events(), *teller.decided()))


def _link(teller: Teller, link: Link, short: bool = False) -> Iterator[str]:
    weight = "" if link.weight is None else teller.say("bits_of", weight=f"{link.weight:.1f}")
    probability = percent(link.probability, teller.language)
    parts = [f"{teller.side(link.one)} ↔ {teller.side(link.other)}", probability, weight]
    yield "  " + " · ".join(part for part in (*parts, teller.say(link.decision)) if part)
    if short:
        mine = teller.account.entity_id
        other = link.other_entity_id if link.entity_id == mine else link.entity_id
        yield f"    {teller.say('entity')} {other}"
        return
    for number, step in enumerate(link.steps):
        title = step_title(teller, number, step)
        words = teller.title(step.zh, step.en)
        yield f"    {step.weight + 0.0:+6.1f}  {title}: {words}"


def step_title(teller: Teller, number: int, step: Step) -> str:
    """What a step is about: a field; without one the first is the start, the other the kin."""
    if step.field is not None:
        return field_title(teller, step.field)
    return teller.say("kin" if number else "prior")


def field_title(teller: Teller, name: str) -> str:
    """A golden field's title in the teller's language."""
    for field in teller.account.fields:
        if field.field == name:
            return teller.title(field.title, field.title_en)
    return name
