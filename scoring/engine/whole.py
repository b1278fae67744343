"""What only the whole scorecard document can say: unique keys, bands in order, references that lead somewhere."""

from collections.abc import Collection, Iterator, Sequence

from scoring.engine.card import Condition, Group, Metric, Scorecard
from scoring.engine.problems import Problems, gettext_noop
from scoring.engine.schemes import SHIPPED, Band
from scoring.engine.status import BY_KEY

MOST_METRICS = 200
MOST_GROUPS = 100
DEEPEST_GROUP = 6


def unique(keys: Sequence[str], paths: Sequence[str], problems: Problems) -> None:
    seen: dict[str, str] = {}
    for key, path in zip(keys, paths, strict=True):
        if key in seen:
            template = gettext_noop("%(key)s is already used at %(other)s")
            problems.add(path, template, key=key, other=seen[key])
        seen.setdefault(key, path)


def groups_in(groups: Sequence[Group], path: str = "groups") -> Iterator[tuple[str, Group]]:
    for i, group in enumerate(groups):
        yield f"{path}[{i}]", group
        yield from groups_in(group.groups, f"{path}[{i}].groups")


def check_whole(card: Scorecard, schemes: Collection[str], problems: Problems) -> None:
    groups = list(groups_in(card.groups))
    metrics = [
        (f"{path}.metrics[{i}]", metric)
        for path, group in groups
        for i, metric in enumerate(group.metrics)
    ]
    _tree(groups, metrics, problems)
    _bands(card, schemes, problems)
    _exceptions(card, {m.key for _, m in metrics}, {g.key for _, g in groups}, problems)


def _tree(
    groups: list[tuple[str, Group]], metrics: list[tuple[str, Metric]], problems: Problems
) -> None:
    unique([g.key for _, g in groups], [f"{path}.key" for path, _ in groups], problems)
    unique([m.key for _, m in metrics], [f"{path}.key" for path, _ in metrics], problems)
    for things, most in ((groups, MOST_GROUPS), (metrics, MOST_METRICS)):
        template = gettext_noop("hold %(count)s items, at most %(most)s are possible")
        problems.check(len(things) <= most, "groups", template, count=len(things), most=most)
    for path, _ in groups:
        template = gettext_noop("groups may be nested at most %(most)s deep")
        problems.check(path.count("groups[") <= DEEPEST_GROUP, path, template, most=DEEPEST_GROUP)


def _bands(card: Scorecard, schemes: Collection[str], problems: Problems) -> None:
    if card.bands is None:
        known = card.scheme is None or card.scheme in SHIPPED or card.scheme in schemes
        template = gettext_noop("is not a scheme; use one of: %(choices)s")
        choices = ", ".join([*SHIPPED, *sorted(schemes)])
        problems.check(known, "scheme", template, choices=choices)
        return
    both = gettext_noop("give a scheme or bands, not both")
    problems.check(card.scheme is None, "bands", both)
    check_bands(card.bands, "bands", problems)


def check_bands(bands: Sequence[Band], path: str, problems: Problems) -> None:
    problems.check(2 <= len(bands) <= 12, path, gettext_noop("must be 2 to 12"))
    unique([b.key for b in bands], [f"{path}[{i}].key" for i in range(len(bands))], problems)
    for i, band in enumerate(bands):
        if i == 0:
            template = gettext_noop("the first band must begin at 0")
            problems.check(band.min == 0, f"{path}[0].min", template)
        elif band.min <= bands[i - 1].min:
            template = gettext_noop("must be more than the minimum of the band before, %(min)s")
            problems.add(f"{path}[{i}].min", template, min=bands[i - 1].min)


def _exceptions(
    card: Scorecard, metrics: Collection[str], groups: Collection[str], problems: Problems
) -> None:
    names = [rule.name for rule in card.exceptions]
    unique(names, [f"exceptions[{i}].name" for i in range(len(names))], problems)
    bands = card.bands or SHIPPED.get(card.scheme or "ryg")
    band_keys = None if bands is None else {band.key for band in bands}
    for i, rule in enumerate(card.exceptions):
        for j, condition in enumerate(rule.when):
            at = f"exceptions[{i}].when[{j}]"
            _subject(condition, metrics, groups, at, problems)
            _object(condition, band_keys, at, problems)


def _subject(
    condition: Condition,
    metrics: Collection[str],
    groups: Collection[str],
    path: str,
    problems: Problems,
) -> None:
    unknown = gettext_noop("there is no %(key)s in this scorecard")
    if condition.metric is not None:
        found = condition.metric in metrics
        problems.check(found, f"{path}.metric", unknown, key=condition.metric)
    if condition.group is not None:
        found = condition.group in groups
        problems.check(found, f"{path}.group", unknown, key=condition.group)


def _listed(thing: object) -> tuple[object, ...]:
    return thing if isinstance(thing, tuple) else () if thing is None else (thing,)


def _object(
    condition: Condition, bands: Collection[str] | None, path: str, problems: Problems
) -> None:
    choices = gettext_noop("must be one of: %(choices)s")
    fits = all(status in BY_KEY for status in _listed(condition.status))
    problems.check(fits, f"{path}.status", choices, choices=", ".join(BY_KEY))
    for_metrics = condition.status is None or condition.metric is not None
    problems.check(for_metrics, f"{path}.status", gettext_noop("only metrics have a status"))
    for_scores = condition.band is None or condition.attribute is None
    problems.check(for_scores, f"{path}.band", gettext_noop("attributes have no band"))
    ordered = condition.status is None or condition.op in ("eq", "ne", "in")
    problems.check(ordered, f"{path}.op", gettext_noop("statuses have no order"))
    if bands is not None:
        known = all(band in bands for band in _listed(condition.band))
        problems.check(known, f"{path}.band", choices, choices=", ".join(bands))
    if condition.attribute is None:
        numbers = all(type(value) in (int, float) for value in _listed(condition.value))
        problems.check(numbers, f"{path}.value", gettext_noop("must be a number"))
