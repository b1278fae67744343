"""Everything that the page of an account shows, in a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Min

from accounts.models import Account, Contact, Tag, Task, TeamMember, Workspace
from scoring.bands import BandLook, at, look
from scoring.changes import Changes, compared
from scoring.engine.fixed import shown
from scoring.engine.points import path_to_green
from scoring.forms.people import CompanyFact, company_facts
from scoring.histories import Dated
from scoring.inputs.states import load_states
from scoring.layouts import Widget, names, widgets
from scoring.models import (
    Alert,
    Evaluation,
    Measurement,
    Override,
    Scorecard,
    ScorecardVersion,
    SupersededEvaluation,
)
from scoring.pages.around import Around, OfScorecard, read_around, read_of_scorecard
from scoring.pages.choice import ALL, Choice
from scoring.pages.header import Header, read_header
from scoring.pages.key_metrics import KeyMetrics, keyed, read_key_metrics
from scoring.pages.lens import Lens, read_lens
from scoring.pages.notes import Note, notes
from scoring.pages.people import ContactLine, contact_lines
from scoring.pages.plan import Plan, Rows
from scoring.pages.profiles import profile_marks
from scoring.pages.reasons import Reasons, read_reasons, row_id, sparks
from scoring.pages.usage import UsagePart, read_usage
from scoring.pages.weeks import drawn, touched
from scoring.scorecard_parts import AccountScorecard, MetricScore
from scoring.scorecards import Candidate, Given, assembled, candidates, measurements, primary
from scoring.sentences import reasons_text
from scoring.trend import Trend
from scoring.versions import compiled, compiled_versions

FEW = 5


@dataclass(frozen=True, slots=True)
class Missed:
    """A metric and the points that it could still add."""

    metric: MetricScore
    points: int
    url: str

    @property
    def row_id(self) -> str:
        return row_id(self.metric.key)


@dataclass(frozen=True, slots=True)
class Other:
    """Another scorecard that holds for the account on the same day."""

    candidate: Candidate
    url: str


@dataclass(frozen=True, slots=True)
class Belief:
    """What a day said until it was evaluated anew."""

    until: datetime
    score: int | None
    band: BandLook
    url: str


@dataclass(frozen=True, slots=True)
class Health:
    """What the chosen scorecard says; `change` is against one trend window earlier.

    `lost` have no valid value; `to_go` are the points that lack to the highest band, 0 in it;
    `beliefs` what the day said before, with the addresses that show it."""

    lens: Lens
    beliefs: list[Belief]
    scorecard: AccountScorecard
    change: Changes | None
    trend: Trend
    reasons: Reasons | None
    key_metrics: KeyMetrics
    others: list[Other]
    path: list[Missed]
    lost: list[MetricScore]
    to_go: int | None
    notes: list[Note]


@dataclass(frozen=True, slots=True)
class AlertLine:
    alert: Alert
    because: str
    url: str


@dataclass(frozen=True, slots=True)
class Beside:
    people: list[ContactLine]
    team: list[TeamMember]
    company: list[CompanyFact]
    alerts: list[AlertLine]
    tasks: list[Task]
    tags: list[Tag]
    usage: UsagePart

    @property
    def contacts(self) -> list[Contact]:
        return [line.contact for line in self.people]


@dataclass(frozen=True, slots=True)
class AccountPage:
    """`health` is None where nothing was evaluated until the day; `applies` says whether any of
    the `cards` could. `widgets` are those that are not hidden, `names` what they were called."""

    account: Account
    choice: Choice
    header: Header
    cards: list[Scorecard]
    applies: bool
    health: Health | None
    beside: Beside | None
    versions: list[ScorecardVersion]
    widgets: list[Widget]
    names: dict[str, str]
    overrides: list[Override]

    @property
    def shown(self) -> set[str]:
        """The keys of the widgets."""
        return {widget.key for widget in self.widgets}


def read_page(
    workspace: Workspace, account: Account, choice: Choice, *, whole: bool = True
) -> AccountPage:
    """Without `whole` what stands beside the score is left out."""
    around = read_around(workspace, account, choice.as_of, whole=whole)
    layout, states, cards = around.layout, around.states, around.cards
    active = [card for card in cards if card.active and card.current_version_id]
    found = candidates(account, cards, choice.as_of)
    chosen = _chosen(found, choice)
    lens = chosen and read_lens(workspace, account, choice, chosen)
    known = OfScorecard()
    if chosen and lens:
        given = _measurements(workspace, choice, lens)
        known = read_of_scorecard(account, chosen, choice.as_of, given)
    reader = lens and _Reader(workspace, account, choice, around, lens, known)
    return AccountPage(
        account=account,
        choice=choice,
        header=read_header(workspace, account, states, choice.as_of, layout),
        cards=active,
        applies=reader is not None or _applies(account, active, choice.as_of),
        health=reader.health(found) if reader else None,
        beside=_beside(account, choice, around, primary(found, choice.as_of)) if whole else None,
        versions=[each for each in known.versions if each.pk != chosen.evaluation.version_id]
        if chosen
        else [],
        widgets=[widget for widget in widgets(layout) if not widget.hidden],
        names=names(layout),
        overrides=list(known.overrides),
    )


def _chosen(found: Sequence[Candidate], choice: Choice) -> Candidate | None:
    asked = [c for c in found if c.scorecard.key == choice.scorecard]
    return asked[0] if asked else primary(found, choice.as_of)


def _measurements(workspace: Workspace, choice: Choice, lens: Lens) -> Given | None:
    """None where no metric is set by hand."""
    evaluation, day = lens.now
    version_id = evaluation.version_id
    card = compiled_versions({version_id})[version_id]
    return measurements(workspace, card, day, lens.believed_at, choice.metric)


def _applies(account: Account, cards: Sequence[Scorecard], as_of: date) -> bool:
    states = load_states([account.pk], np.array([as_of.toordinal()], dtype=np.int32))
    documents = [compiled(card.current_version).card for card in cards]
    return any(states.applies(document.applies_to)[0, 0] for document in documents)


def _beside(
    account: Account, choice: Choice, around: Around, candidate: Candidate | None
) -> Beside:
    return Beside(
        people=contact_lines(around.contacts, around.touchpoints, around.taken_part),
        team=around.team,
        company=company_facts(account),
        alerts=[_alert_line(alert, choice) for alert in around.alerts],
        tasks=around.tasks,
        tags=around.tags,
        usage=read_usage(account, choice, candidate.scorecard if candidate else None),
    )


def _alert_line(alert: Alert, choice: Choice) -> AlertLine:
    url = choice.query(first=alert.compared_day, last=alert.day, week=None, metric="")
    return AlertLine(alert, reasons_text(alert.entries), url)


@dataclass(frozen=True)
class _Reader:
    """Reads what one scorecard says of the account."""

    workspace: Workspace
    account: Account
    choice: Choice
    around: Around
    lens: Lens
    known: OfScorecard

    @property
    def chosen(self) -> Candidate:
        return self.lens.shown

    def health(self, found: Sequence[Candidate]) -> Health:
        now = self.lens.now
        numbers = {version.pk: version.number for version in self.known.versions}
        scorecard = self._assembled(now, numbers, self.known.given)
        keys = keyed(self.around.layout, scorecard, self.choice)
        # By another version every single day would be computed anew.
        plan = self._plan(keys.days if self.lens.version is None else [])
        rows = dict(zip(plan.steps, self.lens.days.latest_in(plan.steps), strict=True))
        before = rows[plan.earlier]
        change = compared(before, now, numbers) if before else None
        return Health(
            lens=self.lens,
            beliefs=[self._belief(row) for row in scorecard.beliefs],
            scorecard=scorecard,
            change=change,
            trend=self._trend(plan, rows, scorecard, numbers, found),
            reasons=self._reasons(plan, rows, scorecard, change, numbers),
            key_metrics=read_key_metrics(keys, self.choice, rows, self.known.peers),
            others=[
                Other(c, self.choice.query(scorecard=c.scorecard.key, metric="", version=None))
                for c in found
                if c is not self.chosen and c.day == self.chosen.day
            ],
            path=_path(scorecard, self.choice),
            lost=[m for m in scorecard.metrics if m.lost],
            to_go=_to_go(scorecard),
            notes=notes(scorecard, self.choice.as_of),
        )

    def _plan(self, key_days: Sequence[date]) -> Plan:
        version_id = self.lens.now[0].version_id
        trend_days = compiled_versions({version_id})[version_id].card.trend_days
        began = self.chosen.day
        if self.choice.range == ALL:
            mine = Evaluation.objects.of(self.account.pk, self.chosen.scorecard.pk)
            began = mine.aggregate(first=Min("day"))["first"]
        return Plan(self.choice, self.chosen.day, trend_days, began, key_days)

    def _assembled(
        self,
        row: Dated,
        numbers: Mapping[int, int],
        given: Sequence[Measurement] | None = None,
    ) -> AccountScorecard:
        return assembled(
            self.workspace,
            self.account,
            self.chosen.scorecard,
            row,
            numbers,
            believed_at=self.lens.believed_at,
            given=given,
        )

    def _belief(self, row: SupersededEvaluation) -> Belief:
        looks = look(compiled_versions({row.version_id})[row.version_id].bands)
        just_before = row.superseded_at - timedelta(microseconds=1)
        url = replace(self.choice, version=None, metric="").query(believed=just_before)
        return Belief(row.superseded_at, row.score, at(looks, row.band), url)

    def _trend(
        self,
        plan: Plan,
        rows: Rows,
        scorecard: AccountScorecard,
        numbers: Mapping[int, int],
        found: Sequence[Candidate],
    ) -> Trend:
        shown = [rows[step] for step in plan.weeks]
        first = plan.weeks[0][0] if plan.weeks else self.chosen.day
        marks = touched(each for each in self.around.touchpoints if each.happened_on >= first)
        if self.chosen is primary(found, self.choice.as_of):
            marks += profile_marks(self.chosen, found, shown)
        return drawn(
            self.choice,
            plan.weeks,
            shown,
            self.around.states,
            look(scorecard.compiled.bands),
            self.account.currency,
            numbers,
            marks,
        )

    def _reasons(
        self,
        plan: Plan,
        rows: Rows,
        scorecard: AccountScorecard,
        change: Changes | None,
        numbers: Mapping[int, int],
    ) -> Reasons | None:
        """None where the week that was asked for, or the later day, was not evaluated."""
        weekly = sparks([rows[step] for step in plan.sparks])
        limits = self.workspace.frequency_limits
        if plan.mode == "now":
            return read_reasons(plan.mode, self.choice, scorecard, change, weekly, limits)
        before, after = (rows[step] for step in plan.pair)
        if after is None:
            return None
        told = compared(before, after, numbers) if before else None
        of_day = self._assembled(after, numbers)
        return read_reasons(plan.mode, self.choice, of_day, told, weekly, limits)


def _path(scorecard: AccountScorecard, choice: Choice) -> list[Missed]:
    return [
        Missed(
            scorecard.metrics[index],
            points,
            choice.query(metric=scorecard.metrics[index].key, week=None, first=None, last=None),
        )
        for index, points in path_to_green(scorecard.points)[:FEW]
    ]


def _to_go(scorecard: AccountScorecard) -> int | None:
    """What was set by hand brings nothing nearer: the way leads on from what is computed."""
    score = scorecard.computed if scorecard.overridden else scorecard.score
    if score is None:
        return None
    return max(0, scorecard.compiled.bands[-1].min - shown(score))
