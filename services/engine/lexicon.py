"""Parts of a policy in Chinese: attributes, codes and units by their titles in the vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Final, get_args

from services.engine.language import (
    Choice,
    Comparison,
    Condition,
    Either,
    Elapsed,
    Every,
    Expression,
    Indicator,
    Literal,
    Lookup,
    MovedDay,
    Name,
    Negation,
    Operation,
    PeriodStart,
    Reached,
    Repeats,
    Source,
    TermRow,
    Version,
    Window,
    Wording,
)
from services.engine.records import EARLIER
from services.engine.vocabulary import Attribute, AttributeType, Vocabulary, record_source
from services.engine.writing import written


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Chinese of what stands in a version.

    Attributes:
        vocabulary: Titles of attributes, codes and units.
        version: The version; names of its own stay as they are.
        indicator: Indicator whose records are spoken of; none outside of one.
    """

    vocabulary: Vocabulary
    version: Version
    indicator: Indicator | None = None

    def within(self, part: object) -> "Lexicon":
        """Give the words inside a part."""
        return replace(self, indicator=part) if isinstance(part, Indicator) else self

    def written(self, part: object, field: str = "") -> str:
        """Write out a part as `writing.written` does, with Chinese words.

        Args:
            part: The part.
            field: Name of the field in which it stands; it says what a bare word means.
        """
        return written(self.field(field, part))

    def field(self, name: str, part: object) -> object:
        """Put the value of a field into Chinese; its bare words are those of the field."""
        if isinstance(part, str):
            if name == "unit":
                return self.vocabulary.units.get(part, part)
            return _WORDS.get(name, {}).get(part, part)
        if name == "kinds" and isinstance(part, tuple):
            kinds = self.vocabulary.kinds
            return tuple(kinds[kind].title or kind for kind in part)
        if name == "within" and isinstance(part, Window):
            return f"任意{written(part.length)}{_UNITS[part.unit]}内"
        if isinstance(part, Repeats):
            return self._repeats(part)
        if isinstance(part, Reached):
            return f"{written(self._expression(part.number))}，{_AGAIN[part.again]}"
        return self._part(part)

    # Private methods -------------------------------------------------------------

    def _part(self, part: object) -> object:
        if isinstance(part, Every | Either | Negation | Comparison):
            return self._condition(part)
        if isinstance(part, get_args(Expression)):
            return self._expression(part)
        if isinstance(part, Window):
            return self._window(part)
        if isinstance(part, TermRow):
            return replace(part, unit=self.vocabulary.units.get(part.unit, part.unit))
        if isinstance(part, tuple):
            return tuple(self._part(one) for one in part)
        if isinstance(part, Mapping):
            return {name: self._part(one) for name, one in part.items()}
        whole = isinstance(part, Source | Wording | type) or not is_dataclass(part)
        return part if whole else self._fields(part)

    def _fields(self, part: Any) -> dict[str, object]:  # noqa: ANN401 -- any dataclass.
        inner = self.within(part)
        found: dict[str, object] = {}
        for field in fields(part):
            if field.name not in _LEFT_OUT:
                value = inner.field(field.name, getattr(part, field.name))
                if written(value):
                    found[_LABELS.get(field.name, field.name)] = value
        return found

    def _condition(self, part: Condition) -> Condition:
        match part:
            case Every(parts):
                return Every(tuple(self._condition(one) for one in parts))
            case Either(parts):
                return Either(tuple(self._condition(one) for one in parts))
            case Negation(inner):
                return Negation(self._condition(inner))
            case Comparison():
                return self._comparison(part)

    def _comparison(self, part: Comparison) -> Comparison:
        name = self._named(part.name)
        if part.comparator == "known":
            known = "已知" if written(part.operands[0]) == "true" else "未知"
            return Comparison(name, "is", (Name(known, part.place),), part.place)
        attribute = self._attribute(part.name)
        operands = tuple(self._operand(one, attribute) for one in part.operands)
        return replace(part, name=name, operands=operands)

    def _operand(self, part: Expression, attribute: Attribute | None) -> Expression:
        if isinstance(part, Name) and attribute is not None:
            titles = self.vocabulary.code_titles.get(attribute.codes, {})
            if part.name in titles:
                return Name(titles[part.name][0], part.place)
            if part.name == "own" and attribute.codes == "field":
                return Name("本政策领域", part.place)
        if isinstance(part, Literal) and isinstance(part.value, bool):
            return Name("是" if part.value else "否", part.place)
        return self._expression(part)

    def _expression(self, part: Expression) -> Expression:
        match part:
            case Name(name, place):
                return Name(self._named(name), place)
            case Operation():
                return replace(part, operands=tuple(map(self._expression, part.operands)))
            case Choice(when, then, otherwise, place):
                chosen, other = self._expression(then), self._expression(otherwise)
                return Choice(self._condition(when), chosen, other, place)
            case MovedDay(day, unit):
                return replace(part, day=self._expression(day), unit=_UNITS.get(unit, unit))
            case Elapsed(unit, start, end, place):
                last = Name(_AS_OF, place) if end is None else self._expression(end)
                return Elapsed(_UNITS.get(unit, unit), self._expression(start), last, place)
            case PeriodStart(unit):
                return replace(part, unit=_UNITS.get(unit, unit))
            case Literal(str(word), place):
                return Literal(self._titled(word), place)
            case Literal() | Lookup():
                return part

    def _titled(self, word: str) -> str:
        """Give the title of a word of the version's own."""
        sets = (one.words for one in self.version.codes.values())
        return next((words[word].zh for words in sets if word in words), word)

    def _attribute(self, name: str) -> Attribute | None:
        """Find the attribute that a name stands for; none for a name of the version's own."""
        version, vocabulary = self.version, self.vocabulary
        if self.indicator is not None:
            for kind in self.indicator.kinds:
                source = record_source(kind, self.indicator.relation)
                if name in (known := vocabulary.record_attributes(source)):
                    return known[name]
            if name in self.indicator.each:
                return None
        if name in version.inputs:
            given = version.inputs[name]
            if given.origin == "subject":
                return vocabulary.subject.get(given.attribute)
            return Attribute(AttributeType.CODE, given.codes) if given.codes else None
        if name in version.indicators:
            return self._greatest(version.indicators[name])
        if name in version.values:
            codes = version.values[name].codes
            return Attribute(AttributeType.CODE, codes) if codes else None
        if name in version.totals:
            return None
        # A key of a table over records: what it means where all kinds mean one thing by it.
        kinds = [
            one.attributes[name] for one in vocabulary.kinds.values() if name in one.attributes
        ]
        same = len({(one.title, one.codes) for one in kinds}) == 1
        return kinds[0] if same else None

    def _greatest(self, indicator: Indicator) -> Attribute | None:
        """Give the codes of which an indicator is the greatest or the least; it has no title."""
        if indicator.measure not in {"max", "min"} or not isinstance(indicator.of, Name):
            return None
        of = self.within(indicator)._attribute(indicator.of.name)  # noqa: SLF001 -- of its own class.
        return None if of is None else replace(of, title="")

    def _named(self, name: str) -> str:
        if name == "as_of":
            return _AS_OF
        if name == self.version.score:
            return "得分"
        if name == EARLIER and self.indicator is not None and self.indicator.repeats is not None:
            return _EARLIER
        attribute = self._attribute(name)
        return attribute.title or name if attribute is not None else name

    def _window(self, window: Window) -> str:
        """Write a window as a clerk would say it."""
        length, unit = written(window.length), _UNITS.get(window.unit, window.unit)
        periods = _period(window.first)
        if window.first != window.last:
            periods = f"{periods}至{_period(window.last)}"
        match window.form:
            case "last":
                text = f"最近{length}{unit}"
            case "calendar":
                text = f"按{unit}：{periods}"
            case "anniversary":
                text = f"自{self._named(window.start)}起每{length}个月：{periods}"
            case "back":
                text = f"{self._named(window.start)}之前每{length}个月：{periods}"
            case "valid":
                return f"自{self._named(window.day)}至{self._named(window.until)}"
            case "by_record":
                attribute = self._attribute(window.code)
                titles = self.vocabulary.code_titles.get(attribute.codes, {}) if attribute else {}
                lengths = "，".join(
                    f"{titles.get(code, (code,))[0]}{written(months)}个月"
                    for code, months in window.lengths
                )
                text = f"按{self._named(window.code)}：{lengths}"
            case _:
                text = "不限"
        counted = "" if window.day == "event_date" else f"，按{self._named(window.day)}计"
        return text + counted

    def _repeats(self, repeats: Repeats) -> str:
        """Write which earlier records a record repeats as a clerk would say it."""
        same = "、".join(map(self._named, repeats.same))
        alike = f"{same}相同的在先记录" if same else "任何在先记录"
        return f"{alike}，以本记录之日计：{self._window(repeats.window)}"


# Private values and functions ---------------------------------------------------


def _period(offset: int) -> str:
    return f"前{-offset}期" if offset else "本期"


_AGAIN: Final = {
    "from_below": "低于该数后可再次达到",
    "from_zero": "达到后重新累计",
    "with_each_record": "未低于该数时每有记录即再次达到",
}
_AS_OF: Final = "查询日"
_EARLIER: Final = "在先次数"
_LEFT_OUT: Final = frozenset({"place", "source", "name"})
_UNITS: Final = {
    "years": "年",
    "months": "个月",
    "days": "天",
    "year": "年度",
    "half_year": "半年度",
    "quarter": "季度",
    "month": "月度",
}
_ABSENT: Final = {"no_data": "无结果", "unknown": "视为未知"}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "measure": {
        "count": "计数",
        "sum": "合计",
        "max": "最大值",
        "min": "最小值",
        "distinct": "不同值计数",
        "first_day": "最早日期",
        "last_day": "最近日期",
        "share": "占比",
        "mean": "平均值",
        "worst": "最差",
    },
    "combine": {
        "sum": "相加",
        "max": "取最大",
        "min": "取最小",
        "product": "相乘",
        "first": "取首项",
        "weighted_mean": "加权平均",
    },
    "rounding": {
        "half_up": "四舍五入",
        "half_even": "四舍六入五成双",
        "up": "进位",
        "down": "舍去",
    },
    "effect": {
        "grade": "最高等级",
        "exactly": "直接定级",
        "at_worst": "最低等级",
        "status": "状态",
        "duty": "义务",
    },
    "order": {"best_first": "由优到劣", "worst_first": "由劣到优"},
    "beyond": {"clamp": "止于首末级"},
    "origin": {
        "subject": "主体属性",
        "request": "查询时提供",
        "policy": "其他政策结果",
        "last_period": "上期结果",
        "peers": "同类比较",
    },
    "relation": {
        "persons": "有关人员",
        "predecessors": "合并、分立前的单位",
        "members": "集团成员单位",
    },
    "if_missing": _ABSENT,
    "if_none": _ABSENT,
    "otherwise": _ABSENT,
}
_LABELS: Final = {
    "grade": "等级",
    "when": "条件",
    "kinds": "记录",
    "where": "筛选条件",
    "window": "统计期间",
    "measure": "计量方式",
    "within": "累计时段",
    "holding": "时段内须有",
    "since": "周期起算",
    "reached": "达到的数",
    "of": "计量对象",
    "if_none": "无记录时",
    "if_missing": "缺失时",
    "otherwise": "无匹配时",
    "unit": "单位",
    "relation": "范围",
    "places": "小数位",
    "rounding": "舍入",
    "cells": "条件",
    "outputs": "结果",
    "expression": "算式",
    "start": "起始",
    "combine": "合成方式",
    "to": "最长",
    "at_least": "下限",
    "at_most": "上限",
    "id": "编号",
    "total": "合计项",
    "amount": "分值",
    "effect": "效果",
    "target": "目标",
    "persons": "人员",
    "wording": "表述",
    "weight": "权重",
    "origin": "来源",
    "attribute": "属性",
    "policy_id": "政策",
    "codes": "代码集",
    "allowed": "允许范围",
    "period": "周期",
    "ladder": "等级序列",
    "keys": "键",
    "rows": "行",
    "overlap": "重叠",
    "beyond": "超出等级序列时",
    "value": "值",
}
