from scoring.models.alerts import Alert, AlertState, Rule, Severity
from scoring.models.configuration import Scheme, Scorecard, ScorecardVersion
from scoring.models.evaluations import Evaluation, Health, SupersededEvaluation
from scoring.models.layout import Layout
from scoring.models.measurements import Measurement
from scoring.models.order import ScorecardOrder
from scoring.models.overrides import Override
from scoring.models.peers import PeerKind, PeerSummary, PeerValues
from scoring.models.runs import Run, RunKind, RunSlice, RunState
from scoring.models.segment_members import SegmentMember
from scoring.models.standings import StandingsChange, StandingsPart
from scoring.models.view import DefaultView, View

__all__ = [
    "Alert",
    "AlertState",
    "DefaultView",
    "Evaluation",
    "Health",
    "Layout",
    "Measurement",
    "Override",
    "PeerKind",
    "PeerSummary",
    "PeerValues",
    "Rule",
    "Run",
    "RunKind",
    "RunSlice",
    "RunState",
    "Scheme",
    "Scorecard",
    "ScorecardOrder",
    "ScorecardVersion",
    "SegmentMember",
    "Severity",
    "StandingsChange",
    "StandingsPart",
    "SupersededEvaluation",
    "View",
]
