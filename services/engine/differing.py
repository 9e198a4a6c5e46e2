"""What differs between two versions of a policy, part by part, with the sources of both sides."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from difflib import SequenceMatcher
from enum import Enum
from typing import Any, Final

from services.engine.language import (
    Condition,
    Expression,
    Rule,
    Source,
    Table,
    Version,
    Wording,
)
from services.engine.lexicon import Lexicon
from services.engine.own_words import own_vocabulary
from services.engine.vocabulary import Vocabulary
from services.engine.writing import written


class Change(Enum):
    """What happened to a part."""

    ADDED = 1
    REMOVED = 2
    CHANGED = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes:
        path: Path of the part.
        change: What happened to it.
        old: What stood there, written out; empty for something added.
        new: What stands there now; empty for something removed.
        old_source: Where the old content comes from; none without a source.
        new_source: Where the new content comes from; none without a source.
        sentence: The difference in one sentence.
    """

    path: str
    change: Change
    old: str
    new: str
    old_source: Source | None
    new_source: Source | None
    sentence: Wording


def differences(
    old: Version, new: Version, vocabulary: Vocabulary | None = None
) -> tuple[Difference, ...]:
    """Compare two versions, complete with all that they extend.

    Args:
        old: The earlier version.
        new: The later one.
        vocabulary: Titles of attributes and codes for the Chinese sentences; without, the words of
            the file stand in them.

    Returns:
        Differences in the order of the parts of a policy; none where both say the same.
    """
    words = None if vocabulary is None else (_lexicon(vocabulary, old), _lexicon(vocabulary, new))
    whole, none = _Around(old, new, words), _Around(None, None, words)
    found: list[Difference] = []
    for name in _WHOLE:
        # The end that a file says, not the one that the next version brings.
        said = "written_end" if name == "end_date" else name
        found.extend(_leaf((name,), getattr(old, said), getattr(new, said), whole))
    for name in (*_NAMED, *_other_parts(old)):
        found.extend(_named(name, getattr(old, name), getattr(new, name), none))
    found.extend(_named("rules", _by_id(old.rules), _by_id(new.rules), none))
    found.extend(_order(old.rules, new.rules, none))
    for name in ("grade", "score", "exemption"):
        found.extend(_part((name,), getattr(old, name), getattr(new, name), whole))
    return tuple(found)


def same_meaning(old: Version, new: Version) -> bool:
    """Say whether two versions say the same, whatever their places and their last days."""
    return all(
        _bare(getattr(old, field.name)) == _bare(getattr(new, field.name))
        for field in fields(Version)
        if field.name not in _NOT_COMPARED
    )


# Private values and functions ---------------------------------------------------

_WHOLE: Final = ("start_date", "end_date", "source", "applies")
_NESTED: Final = frozenset({"roster", "measures", "values", "grade"})
_NAMED: Final = (
    "codes",
    "inputs",
    "children",
    "indicators",
    "tables",
    "values",
    "totals",
    "outputs",
)
_HANDLED: Final = frozenset(
    {*_WHOLE, *_NAMED, "rules", "grade", "score", "exemption", "version", "place"}
)
# Said by the parts themselves once a version is complete.
_DERIVED: Final = frozenset({"extends", "without", "replaced", "written_end", "digest"})
_NOT_COMPARED: Final = frozenset({"place", "end_date", *_DERIVED})

_NOUNS: Final[Mapping[str, tuple[str, str]]] = {
    "start_date": ("施行日期", "first day"),
    "end_date": ("失效日期", "day after the last day"),
    "source": ("依据", "source"),
    "applies": ("适用对象", "scope"),
    "codes": ("代码集", "codes"),
    "inputs": ("输入项", "input"),
    "indicators": ("指标", "indicator"),
    "tables": ("表", "table"),
    "values": ("数值", "value"),
    "children": ("下级主体", "child subjects"),
    "measures": ("下级主体指标", "measure of a child"),
    "roster": ("名册", "roster"),
    "rounding": ("舍入方式", "rounding"),
    "totals": ("合计", "total"),
    "outputs": ("结果项", "result"),
    "procedure": ("程序要求", "procedure"),
    "rules": ("规则", "rule"),
    "grade": ("等级", "grades"),
    "score": ("得分项", "score"),
    "statuses": ("状态次序", "order of statuses"),
    "exemption": ("单调性豁免", "exemption from monotonicity"),
    "rows": ("行", "row"),
    "words": ("词语", "words"),
    "by": ("分情形期限", "terms by circumstance"),
    "start": ("起始", "start"),
    "ladder": ("等级序列", "ladder"),
    "when": ("条件", "condition"),
    "amount": ("分值", "amount"),
    "effect": ("效果", "effect"),
    "target": ("目标", "target"),
    "wording": ("表述", "wording"),
    "window": ("统计期间", "window"),
    "where": ("筛选条件", "filter"),
    "measure": ("计量方式", "measure"),
    "within": ("累计时段", "stretch of time"),
    "holding": ("时段内须有", "what it holds"),
    "since": ("周期起算", "since when there are periods"),
    "reached": ("达到的数", "the number that is reached"),
    "repeats": ("同类重复", "repeats"),
    "unit": ("单位", "unit"),
    "better": ("优劣方向", "what is better"),
    "expression": ("算式", "expression"),
    "at_least": ("下限", "floor"),
    "at_most": ("上限", "cap"),
    "combine": ("合成方式", "combination"),
    "to": ("最长期限", "greatest term"),
    "order": ("顺序", "order"),
    "ends": ("终止的版本", "version that it ends"),
    "repeal": ("废止", "repeal"),
}

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Around:
    """Holds the parts around what is compared, for their sources, and the Chinese of both sides."""

    old: Any
    new: Any
    words: tuple[Lexicon, Lexicon] | None

    def of(self, which: str) -> Source | None:
        source = getattr(getattr(self, which), "source", None)
        return source if isinstance(source, Source) else None

    def chinese(self, path: Path, old: object, new: object) -> tuple[str, str]:
        """Write both sides out with Chinese words, where there are any."""
        if self.words is None:
            return written(old), written(new)
        before, after = self.words
        field = path[-1]
        return (
            before.within(self.old).written(old, field),
            after.within(self.new).written(new, field),
        )


def _lexicon(vocabulary: Vocabulary, version: Version) -> Lexicon:
    return Lexicon(own_vocabulary(vocabulary, version), version)


def _other_parts(version: Version) -> Iterator[str]:
    """Name parts that the language gained later."""
    for field in fields(version):
        if field.name not in _HANDLED | _DERIVED:
            yield field.name


def _by_id(rules: Iterable[Rule]) -> dict[str, Rule]:
    return {rule.id: rule for rule in rules}


def _order(old: Sequence[Rule], new: Sequence[Rule], above: _Around) -> Iterator[Difference]:
    """Rules that both have may stand in another order, and the first that holds may count."""
    both = {rule.id for rule in old} & {rule.id for rule in new}
    before = tuple(rule.id for rule in old if rule.id in both)
    after = tuple(rule.id for rule in new if rule.id in both)
    if before != after:
        yield _difference(("rules", "order"), before, after, above)


def _named(name: str, old: object, new: object, above: _Around) -> Iterator[Difference]:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        yield from _leaf((name,), old, new, above)
        return
    for key in dict.fromkeys((*old, *new)):
        yield from _part((name, str(key)), old.get(key), new.get(key), above)


def _part(path: Path, old: Any, new: Any, above: _Around) -> Iterator[Difference]:  # noqa: ANN401 -- any part of a version.
    """Compare one part; two of one form field by field."""
    if _bare(old) == _bare(new):
        return
    if not is_dataclass(old) or type(old) is not type(new) or isinstance(old, type):
        yield from _leaf(path, old, new, above)
        return
    sources = _Around(old, new, above.words)
    for field in fields(old):
        if field.name in {"place", "name"}:
            continue
        before, after = getattr(old, field.name), getattr(new, field.name)
        if isinstance(old, Table) and isinstance(new, Table) and field.name == "rows":
            rows = _named_rows(old), _named_rows(new)
            yield from _sequence((*path, field.name), *rows, sources)
        elif field.name in {"rows", "start"} and isinstance(before, tuple):
            yield from _sequence((*path, field.name), before, after, sources)
        elif field.name in _NESTED and before is not None and after is not None:
            yield from _nested((*path, field.name), before, after, sources)
        else:
            yield from _leaf((*path, field.name), before, after, sources)


@dataclass(frozen=True, slots=True)
class _NamedRow:
    """A row of a table whose outputs have their names."""

    cells: tuple[Condition, ...]
    outputs: Mapping[str, Expression]
    source: Source | None


def _named_rows(table: Table) -> tuple[_NamedRow, ...]:
    names = [name for name, _ in table.outputs]
    return tuple(
        _NamedRow(row.cells, dict(zip(names, row.outputs, strict=True)), row.source)
        for row in table.rows
    )


def _nested(path: Path, old: Any, new: Any, above: _Around) -> Iterator[Difference]:  # noqa: ANN401 -- parts of child subjects.
    """Compare what child subjects have of their own: a roster, a ladder, measures by name."""
    if not isinstance(old, Mapping):
        yield from _part(path, old, new, above)
        return
    for key in dict.fromkeys((*old, *new)):
        yield from _part((*path, str(key)), old.get(key), new.get(key), above)


def _sequence(
    path: Path, old: Sequence[Any], new: Sequence[Any], sources: _Around
) -> Iterator[Difference]:
    """Compare rows or bands: which were put in, taken out or changed, counted from 1."""
    matcher = SequenceMatcher(
        a=[repr(_bare(one)) for one in old], b=[repr(_bare(one)) for one in new], autojunk=False
    )
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            continue
        olds, news = old[old_from:old_to], new[new_from:new_to]
        for offset in range(max(len(olds), len(news))):
            before = olds[offset] if offset < len(olds) else None
            after = news[offset] if offset < len(news) else None
            number = (new_from if after is not None else old_from) + offset + 1
            yield from _leaf((*path, str(number)), before, after, sources)


def _leaf(path: Path, old: object, new: object, sources: _Around) -> Iterator[Difference]:
    if _bare(old) != _bare(new):
        yield _difference(path, old, new, sources)


def _difference(path: Path, old: object, new: object, sources: _Around) -> Difference:
    change = Change.ADDED if old is None else Change.REMOVED if new is None else Change.CHANGED
    before, after = written(old), written(new)
    return Difference(
        path=".".join(path),
        change=change,
        old=before,
        new=after,
        old_source=None if old is None else _source_of(old) or sources.of("old"),
        new_source=None if new is None else _source_of(new) or sources.of("new"),
        sentence=_sentence(
            _place_words(path, _wording_of(new, old, sources)),
            change,
            zh=sources.chinese(path, old, new),
            en=(before, after),
        ),
    )


def _source_of(part: object) -> Source | None:
    if isinstance(part, Source):
        return part
    source = getattr(part, "source", None)
    return source if isinstance(source, Source) else None


def _wording_of(new: object, old: object, sources: _Around) -> Wording | None:
    """Find what a rule says, in the words of the file."""
    for part in (new, old, sources.new, sources.old):
        if isinstance(part, Rule):
            return part.wording
    return None


def _sentence(
    place: tuple[str, str], change: Change, *, zh: tuple[str, str], en: tuple[str, str]
) -> Wording:
    place_zh, place_en = place
    if change is Change.ADDED:
        return Wording(f"新增{place_zh}：{zh[1]}", f"{place_en} is added: {en[1]}")
    if change is Change.REMOVED:
        return Wording(f"删除{place_zh}：{zh[0]}", f"{place_en} is removed: {en[0]}")
    return Wording(
        f"{place_zh}由“{zh[0]}”改为“{zh[1]}”",
        f"{place_en} changes from “{en[0]}” to “{en[1]}”",
    )


def _place_words(path: Path, said: Wording | None) -> tuple[str, str]:
    noun_zh, noun_en = _NOUNS.get(path[0], (path[0], path[0]))
    rest = list(path[1:])
    zh, en = noun_zh, noun_en
    if path[0] in {*_NAMED, "rules", "procedure"} and rest and rest != ["order"]:
        key = rest.pop(0)
        zh, en = f"{noun_zh}{key}", f"{noun_en} {key}"
        if said is not None:
            zh, en = f"{zh}（{said.zh}）", f"{en} ({said.en})"
    for one in rest:
        if one.isdigit():
            zh, en = f"{zh}第{one}行", f"{en} {one}"
        else:
            more_zh, more_en = _NOUNS.get(one, (one, one))
            zh, en = f"{zh}的{more_zh}", f"{en}, {more_en}"
    return zh, en


def _bare(part: Any) -> Any:  # noqa: ANN401 -- any part of a version, without its places.
    if is_dataclass(part) and not isinstance(part, type):
        return (
            type(part).__name__,
            *(
                (field.name, _bare(getattr(part, field.name)))
                for field in fields(part)
                if field.name != "place"
            ),
        )
    if isinstance(part, Mapping):
        return {key: _bare(value) for key, value in part.items()}
    if isinstance(part, tuple):
        return tuple(_bare(one) for one in part)
    return part
