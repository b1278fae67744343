"""The scorecard of the HTTP contract, word for word, and a rule for it."""

from typing import Any

import yaml

HEALTH_YAML = """\
key: health
name: Customer health
scheme: ryg                    # numeric, letter, ryg, or the key of a custom scheme; or custom bands in place:
# bands: [{key: red, label: Red, min: 0}, {key: yellow, label: Yellow, min: 51, color: …, shape: …}, …]
applies_to: {stage: [live]}    # attributes, stage, segment; left out = every account
rank: 1
rollup: weighted_mean          # weighted_mean, minimum, maximum, conditions
min_coverage: 50
trend_days: 30
confirm: 1
exceptions:
  - {name: Sponsor lost, when: [{metric: sponsor, op: lt, value: 40}], effect: cap, value: 50}
groups:
  - key: usage
    name: Product usage
    weight: 60
    metrics:
      - key: logins
        name: Logins
        weight: 2
        source: {type: usage, measure: logins, window_days: 90}
        grade: {type: linear, worst: 7, best: 30}
        missing: exclude        # exclude, zero, neutral
      - key: licenses
        name: License utilization
        weight: 1
        source: {type: usage, measure: license_utilization, window_days: 30}
        grade: {type: steps, steps: [{min: 0, score: 0}, {min: 50, score: 60}, {min: 80, score: 100}]}
  - key: relationship
    name: Relationship
    weight: 40
    metrics:
      - key: sponsor
        name: Executive relationship
        weight: 1
        validity_days: 90
        expired: exclude        # exclude, zero, neutral, keep, fade
        source: {type: manual}
        grade: {type: level, levels: [{key: none, label: No contact, score: 0, help: …}, {key: working, label: Working contact, score: 50}, {key: sponsor, label: Active sponsor, score: 100}]}
        help: {what: …, graded: …, why: …, improve: …}
"""

DROP: dict[str, Any] = {
    "key": "drop",
    "name": "Significant drop",
    "scorecard": "health",
    "when": {"type": "score_change", "direction": "drop", "points": 20, "days": 3},
    "severity": "risk",
    "cooldown_days": 30,
    "actions": [],
}


def health() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(HEALTH_YAML)
    return document
