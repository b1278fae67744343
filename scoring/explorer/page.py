"""What the usage explorer shows: a measure's course, and the accounts by their value."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.models import Workspace
from scoring.explorer import texts
from scoring.explorer.choice import Choice
from scoring.explorer.groups import SAMPLE, Group, Subject
from scoring.explorer.ranking import Place, Ranked, Ranking, ranking
from scoring.explorer.series import Line, Spread, line_of, points, spread_of
from scoring.line_chart import Chart, chart
from scoring.pages.peers import place_text


@dataclass(frozen=True, slots=True)
class Fact:
    title: str
    text: str
    change: texts.Change | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """`line` is the account's or the group's; `around` are those whose quartiles are drawn."""

    days: Sequence[object]
    line: Line
    line_name: str
    around: Spread | None
    chart: Chart

    @property
    def known(self) -> bool:
        return any(value is not None for value in self.line)

    @property
    def too_few(self) -> bool:
        """Accounts have values, but not enough of them have one for a median."""
        values = self.around.total if self.around and not self.known else []
        return any(value is not None for value in values)

    @property
    def sample_note(self) -> str:
        if self.around is None or not self.around.group.sampled:
            return ""
        return _("The course is told from %(some)s of %(all)s accounts, evenly chosen.") % {
            "some": number_format(SAMPLE),
            "all": number_format(len(self.around.group), force_grouping=True),
        }


@dataclass(frozen=True, slots=True)
class Row:
    ranked: Ranked
    url: str
    usage_url: str
    value: str
    bar: float
    before: str
    change: texts.Change | None
    current: bool


@dataclass(frozen=True, slots=True)
class Listed:
    rows: list[Row]
    first: int
    previous_url: str
    next_url: str


def read_course(choice: Choice, subject: Subject) -> Course:
    days = points(choice.first, choice.last)
    urls = [choice.url(**{"from": [], "days": choice.days, "to": day}) for day in days]
    own = None if subject.account else spread_of(subject.group, days, choice.measure)
    around = spread_of(subject.against, days, choice.measure) if subject.against else own
    if own is None:
        line = line_of(int(subject.group.ids[0]), days, choice.measure)
    else:
        line = own.total if choice.total else own.median
    if choice.total or around is None:
        return Course(days, line, subject.name, None, chart(days, line, urls=urls))
    drawn = chart(
        days,
        line,
        low=around.low,
        median=around.median if around is not own else (),
        high=around.high,
        urls=urls,
    )
    return Course(days, line, _line_name(subject), around, drawn)


def _line_name(subject: Subject) -> str:
    return subject.name if subject.account else _("%(name)s, median") % {"name": subject.name}


def read_ranking(choice: Choice, group: Group) -> Ranking:
    return ranking(
        group, day=choice.last, before=choice.before, request=choice.measure, sort=choice.sort
    )


def read_list(choice: Choice, subject: Subject, ranked: Ranking, workspace: Workspace) -> Listed:
    after = Place.read(choice.query.get("after", ""))
    page = ranked.page(after)
    most = ranked.greatest
    previous = choice.url(after=page.previous) if page.previous else choice.url()
    return Listed(
        rows=[_row(choice, subject, each, workspace, most) for each in page.rows],
        first=page.first,
        previous_url=previous if page.first > 1 else "",
        next_url=choice.url(after=page.following) if page.following else "",
    )


def _row(choice: Choice, subject: Subject, ranked: Ranked, workspace: Workspace, most: int) -> Row:
    request = choice.measure
    return Row(
        ranked=ranked,
        url=reverse("account_scorecard", args=[workspace.slug, ranked.key]),
        usage_url=choice.url(account=ranked.key, segment=[], total=[], against=[]),
        value=texts.figure(request, ranked.value),
        bar=round(100 * (ranked.value or 0) / most, 1) if most else 0,
        before=texts.figure(request, ranked.before),
        change=texts.change(request, ranked.value, ranked.before),
        current=subject.account is not None and subject.account.pk == ranked.account_id,
    )


def facts(choice: Choice, subject: Subject, ranked: Ranking) -> list[Fact]:
    return _of_account(choice, subject, ranked) if subject.account else _of_group(choice, ranked)


def _of_account(choice: Choice, subject: Subject, ranked: Ranking) -> list[Fact]:
    request = choice.measure
    own = subject.group.ids[0]
    at = int((ranked.group.ids == own).argmax())
    inside = bool(len(ranked.group)) and ranked.group.ids[at] == own
    given = ranked if inside else read_ranking(choice, subject.group)
    at = at if inside else 0
    now = int(given.now[0][at]) if given.now[1][at] else None
    before = int(given.before[0][at]) if given.before[1][at] else None
    told = [Fact(subject.name, texts.figure(request, now), texts.change(request, now, before))]
    if subject.against is not None:
        median = ranked.quartiles[1]
        told.append(Fact(_("%(name)s, median") % _named(subject), texts.figure(request, median)))
        told.append(Fact(_("Place"), _placed(ranked, now)))
    return told


def _named(subject: Subject) -> dict[str, str]:
    return {"name": subject.against.name if subject.against else ""}


def _placed(ranked: Ranking, value: int | None) -> str:
    if value is None:
        return "–"
    below, up_to = ranked.below(value), ranked.below(value + 1)
    return place_text(ranked.known, below, up_to - below)


def _of_group(choice: Choice, ranked: Ranking) -> list[Fact]:
    request = choice.measure
    low, median, high = ranked.quartiles
    told = []
    if request.measure in texts.ADDED_UP:
        change = texts.change(request, ranked.total, ranked.total_before)
        told.append(Fact(_("Total"), texts.figure(request, ranked.total), change))
    change = texts.change(request, median, ranked.median_before)
    told.append(Fact(_("Median"), texts.figure(request, median), change))
    if low is not None and high is not None:
        half = _("%(low)s to %(high)s") % {
            "low": texts.figure(request, low),
            "high": texts.figure(request, high),
        }
        told.append(Fact(_("Middle half of the accounts"), half))
    share = {"n": ranked.known, "all": len(ranked.group)}
    counts = {name: number_format(n, force_grouping=True) for name, n in share.items()}
    told.append(Fact(_("Accounts with a value"), _("%(n)s of %(all)s") % counts))
    return told
