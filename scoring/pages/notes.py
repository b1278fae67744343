"""What must be said about a score before it is believed, in words."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.templatetags.ui import day as day_text
from accounts.templatetags.ui import percent
from scoring.bands import at, look
from scoring.engine.card import ExceptionRule
from scoring.engine.fixed import NONE, SCALE
from scoring.engine.schemes import band_of
from scoring.scorecard_parts import AccountScorecard
from scoring.sentences import days_text, score_text


@dataclass(frozen=True, slots=True)
class Note:
    tone: str
    shape: str
    text: str


def notes(scorecard: AccountScorecard, as_of: date) -> list[Note]:
    told = [
        _not_of_the_day(scorecard, as_of),
        _no_score(scorecard),
        _provisional(scorecard),
        _override(scorecard),
        _exception(scorecard),
        _held(scorecard),
        _pending(scorecard),
        _restated(scorecard),
    ]
    return [note for note in told if note is not None]


def _not_of_the_day(scorecard: AccountScorecard, as_of: date) -> Note | None:
    apart = (as_of - scorecard.day).days
    if not apart:
        return None
    text = _("Not evaluated on %(day)s. This is the result of %(last)s, %(days)s earlier.") % {
        "day": day_text(as_of),
        "last": day_text(scorecard.day),
        "days": days_text(apart),
    }
    return Note("none" if apart == 1 else "warn", "hourglass", text)


def _no_score(scorecard: AccountScorecard) -> Note | None:
    if scorecard.score is not None:
        return None
    return Note("none", "ring", _("No score: nothing that counts has a valid value."))


def _provisional(scorecard: AccountScorecard) -> Note | None:
    if not scorecard.provisional:
        return None
    text = _(
        "Provisional: only %(share)s of the weight has a valid score, %(least)s are asked for."
    ) % {
        "share": percent(scorecard.coverage),
        "least": percent(int(scorecard.compiled.card.min_coverage * SCALE // 100)),
    }
    return Note("warn", "half", text)


def _override(scorecard: AccountScorecard) -> Note | None:
    override = scorecard.override
    if override is None:
        return None
    text = _("Set by hand until %(day)s by %(who)s: “%(reason)s” %(computed)s") % {
        "day": day_text(override.last_day),
        "who": override.author or _("a former member"),
        "reason": override.reason,
        "computed": _without_override(scorecard),
    }
    return Note("accent", "star", text)


def _without_override(scorecard: AccountScorecard) -> str:
    if scorecard.computed is None:
        return _("There is no computed score.")
    bands = scorecard.compiled.bands
    computed = {
        "computed": score_text(scorecard.computed),
        "band": at(look(bands), band_of(scorecard.computed, bands)).label,
    }
    return _("The computed score is %(computed)s, %(band)s.") % computed


def _exception(scorecard: AccountScorecard) -> Note | None:
    rule = scorecard.exception
    if rule is None:
        return None
    if scorecard.adjusted == scorecard.computed:
        return Note("none", "triangle", _("“%s” holds, but changes nothing here.") % rule.name)
    text = _("“%(name)s” %(effect)s. Without it the score is %(computed)s.") % {
        "name": rule.name,
        "effect": effect_text(rule),
        "computed": score_text(scorecard.computed),
    }
    return Note("accent", "triangle", text)


def effect_text(rule: ExceptionRule) -> str:
    value = f"{rule.value:g}" if rule.value is not None else ""
    if rule.effect == "shift":
        return _("moves the band by %(bands)s") % {"bands": f"{rule.bands or 0:+d}"}
    return {
        "set": _("sets the score to %(value)s"),
        "cap": _("caps the score at %(value)s"),
        "floor": _("lifts the score to at least %(value)s"),
    }[rule.effect] % {"value": value}


def _held(scorecard: AccountScorecard) -> Note | None:
    if not scorecard.held:
        return None
    text = _("The band stays “%(band)s”: it would be better only because values were lost.")
    return Note("warn", "bar", text % {"band": scorecard.band.label})


def _pending(scorecard: AccountScorecard) -> Note | None:
    evaluation = scorecard.evaluation
    if evaluation.pending_band == NONE:
        return None
    text = _("“%(band)s” waits for confirmation: %(count)d of %(confirm)d evaluations.") % {
        "band": at(look(scorecard.compiled.bands), evaluation.pending_band).label,
        "count": evaluation.pending_count,
        "confirm": scorecard.compiled.card.confirm,
    }
    return Note("none", "hourglass", text)


def _restated(scorecard: AccountScorecard) -> Note | None:
    if not scorecard.restated:
        return None
    return Note("none", "bar", _("This day was evaluated again after data came late."))
