"""Changes of fields: added, removed, renamed, retyped, narrowed or widened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.contract import Field, Table
from schemas.evolution import Change, Level

_OPTIONS = (
    # attribute, English, Chinese, whether a larger value narrows
    ("min_length", "minimum length", "最小长度", True),
    ("max_length", "maximum length", "最大长度", False),
    ("minimum", "minimum", "最小值", True),
    ("maximum", "maximum", "最大值", False),
)
_FLAGS = (("required", "required", "必填"), ("unique", "unique", "唯一"))


def field_changes(old: Table, new: Table, strict: bool) -> Iterator[Change]:
    """All changes of fields; `strict`: the contract is a supply's."""
    renamed = dict(_renamed(old, new))
    for field in old.fields:
        if field.name in renamed:
            other = renamed[field.name]
            yield Change(
                "field_renamed",
                field.name,
                Level.MAJOR,
                f"field {field.name} is now called {other}",
                f"字段 {field.name} 更名为 {other}",
            )
            yield from one_field(field, new.by_name[other], strict)
        elif field.name not in new.by_name:
            yield Change(
                "field_removed",
                field.name,
                Level.MAJOR,
                f"field {field.name} ({field.title}) was removed",
                f"删除了字段 {field.name}（{field.title}）",
            )
        else:
            yield from one_field(field, new.by_name[field.name], strict)
    for field in new.fields:
        if field.name not in old.by_name and field.name not in renamed.values():
            breaking = strict and field.required
            yield Change(
                "field_added",
                field.name,
                Level.MAJOR if breaking else Level.MINOR,
                f"{'required ' if field.required else ''}field {field.name} was added",
                f"新增{'必填' if field.required else ''}字段 {field.name}（{field.title}）",
            )
    before, after = [f.name for f in old.key], [f.name for f in new.key]
    if [renamed.get(name, name) for name in before] != after:
        yield Change(
            "key",
            "primary key",
            Level.MAJOR,
            f"the primary key was ({', '.join(before) or 'none'}), "
            f"now ({', '.join(after) or 'none'})",
            f"主键由（{'、'.join(before) or '无'}）改为（{'、'.join(after) or '无'}）",
        )
    same = [name for name in old.by_name if name in new.by_name]
    if same != [name for name in new.by_name if name in old.by_name]:
        yield Change("field_order", "", Level.PATCH, "the order of fields changed", "字段次序有变")


def _renamed(old: Table, new: Table) -> Iterator[tuple[str, str]]:
    """Fields that vanished while the same column came back under another name."""
    added = {f.column: f for f in new.fields if f.name not in old.by_name}
    for field in old.fields:
        if field.name not in new.by_name and field.column in added:
            yield field.name, added[field.column].name


def narrowing(strict: bool, narrower: bool) -> Level:
    """A supply is hurt by narrowing, a dataset by widening."""
    return Level.MAJOR if strict is narrower else Level.MINOR


def one_field(old: Field, new: Field, strict: bool) -> Iterator[Change]:
    """All changes between two versions of one field."""
    yield from _type(old, new, strict)
    name = new.name
    for attribute, english, chinese in _FLAGS:
        before, after = getattr(old, attribute), getattr(new, attribute)
        if before != after:
            yield Change(
                attribute,
                name,
                narrowing(strict, after),
                f"field {name} is {'now' if after else 'no longer'} {english}",
                f"字段 {name} {'改为' if after else '不再'}{chinese}",
            )
    for attribute, english, chinese, larger_narrows in _OPTIONS:
        before, after = getattr(old, attribute), getattr(new, attribute)
        if before != after:
            narrower = after is not None and (before is None or (after > before) is larger_narrows)
            yield Change(
                attribute,
                name,
                narrowing(strict, narrower),
                f"the {english} of field {name} was {_or(before)}, now {_or(after)}",
                f"字段 {name} 的{chinese}由 {_or(before, '无')} 改为 {_or(after, '无')}",
            )
    if old.pattern != new.pattern:
        narrower = new.pattern is not None  # two patterns cannot be compared: assume the worse
        both = old.pattern is not None and new.pattern is not None
        level = Level.MAJOR if both else narrowing(strict, narrower)
        yield Change(
            "pattern",
            name,
            level,
            f"the pattern of field {name} was {_or(old.pattern)}, now {_or(new.pattern)}",
            f"字段 {name} 的格式（正则）由 {_or(old.pattern, '无')} 改为 {_or(new.pattern, '无')}",
        )
    yield from _names(old, new, strict)
    yield from _properties(old, new, strict)


def _or(value: Any, none: str = "none") -> Any:
    return none if value is None else value


def _type(old: Field, new: Field, strict: bool) -> Iterator[Change]:
    name = new.name
    if old.type.logical is not new.type.logical:
        yield Change(
            "type",
            name,
            Level.MAJOR,
            f"field {name} was {old.type.logical}, now {new.type.logical}",
            f"字段 {name} 的类型由 {old.type.logical} 改为 {new.type.logical}",
        )
        return
    if old.type != new.type:
        narrower = _digits(new) < _digits(old) or _scale(new) < _scale(old)
        wider = _digits(new) > _digits(old) or _scale(new) > _scale(old)
        level = Level.MAJOR if narrower and wider else narrowing(strict, narrower)
        word_en, word_zh = ("narrowed", "收窄") if narrower else ("widened", "放宽")
        yield Change(
            "size",
            name,
            level,
            f"the type of field {name} was {word_en} from {old.physical_type} "
            f"to {new.physical_type}",
            f"字段 {name} 的类型由 {old.physical_type} {word_zh}为 {new.physical_type}",
        )
    elif old.physical_type != new.physical_type:
        yield Change(
            "physical_type",
            name,
            Level.MINOR,
            f"the column of field {name} was {old.physical_type}, now {new.physical_type}",
            f"字段 {name} 的源列类型由 {old.physical_type} 改为 {new.physical_type}",
        )


def _digits(field: Field) -> int:
    """Places before the point; binary floating point holds more than any decimal."""
    kind = field.type
    if kind.precision is None:
        return 400 if kind.scale is None else 38
    return kind.precision - (kind.scale or 0)


def _scale(field: Field) -> int:
    kind = field.type
    return 400 if kind.scale is None and kind.precision is None else kind.scale or 0


def _names(old: Field, new: Field, strict: bool) -> Iterator[Change]:
    name = new.name
    if strict and old.column != new.column and name == old.name:
        softened = old.column in new.properties.aliases
        yield Change(
            "column",
            name,
            Level.MINOR if softened else Level.MAJOR,
            f"field {name} is read from column {new.column}, no longer from {old.column}"
            + (", which stays an alias" if softened else ""),
            f"字段 {name} 改读源列 {new.column}，不再读 {old.column}"
            + ("（保留为别名）" if softened else ""),
        )
    for attribute, english, chinese in (("title", "name", "名称"), ("description", "text", "说明")):
        if getattr(old, attribute) != getattr(new, attribute):
            yield Change(
                attribute,
                name,
                Level.PATCH,
                f"the {english} of field {name} was reworded",
                f"字段 {name} 的{chinese}有改动",
            )


def _properties(old: Field, new: Field, strict: bool) -> Iterator[Change]:
    name, before, after = new.name, old.properties, new.properties
    for attribute, english, chinese in (
        ("codelist", "code list", "代码表"),
        ("identifier", "identifier", "标识类型"),
    ):
        was, now = getattr(before, attribute), getattr(after, attribute)
        if was != now:
            both = was is not None and now is not None
            level = Level.MAJOR if both else narrowing(strict, now is not None)
            yield Change(
                attribute,
                name,
                level,
                f"the {english} of field {name} was {_or(was)}, now {_or(now)}",
                f"字段 {name} 的{chinese}由 {_or(was, '无')} 改为 {_or(now, '无')}",
            )
    if before.sensitive != after.sensitive:
        yield Change(
            "sensitive",
            name,
            Level.MINOR if after.sensitive else Level.MAJOR,
            f"field {name} is {'now' if after.sensitive else 'no longer'} sensitive",
            f"字段 {name} {'改为' if after.sensitive else '不再是'}敏感字段",
        )
    rest = {"codelist", "identifier", "sensitive", "title_en"}
    was_rest, now_rest = before.model_dump(exclude=rest), after.model_dump(exclude=rest)
    for key in was_rest:
        if was_rest[key] != now_rest[key]:
            dropped = key in {"aliases", "formats"} and set(was_rest[key]) - set(now_rest[key])
            yield Change(
                key,
                name,
                Level.MAJOR if strict and dropped else Level.MINOR,
                f"the property {key} of field {name} changed",
                f"字段 {name} 的属性 {key} 有变",
            )
