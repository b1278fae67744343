"""The one statement that reads a timeline: a branch for each source, each with its newest rows."""

from typing import Any

from scoring.timeline.wanted import RANKS, TOUCHPOINTS, Place, Wanted

PERSON = "coalesce(nullif(person.name, ''), person.email, {fallback})"
TOUCHPOINT = f"""
SELECT happened.happened_on AS day, happened.id, happened.kind,
    lower(happened.title || ' ' || happened.body) AS words,
    jsonb_build_object(
        'title', happened.title, 'body', happened.body, 'edited', happened.edited_at IS NOT NULL,
        'removed', happened.removed_at IS NOT NULL,
        'who', {PERSON.format(fallback="happened.source")},
        'contacts', (
            SELECT coalesce(jsonb_agg(contact.name ORDER BY contact.name, contact.id), '[]')
            FROM accounts_touchpointcontact AS link JOIN accounts_contact AS contact
              ON contact.workspace_id = link.workspace_id AND contact.id = link.contact_id
            WHERE link.workspace_id = happened.workspace_id AND link.touchpoint_id = happened.id
        )
    ) AS told
FROM accounts_touchpoint AS happened
LEFT JOIN accounts_user AS person ON person.id = happened.by_id
WHERE happened.workspace_id = %(workspace)s AND happened.account_id = %(account)s
"""
KEPT = " AND happened.removed_at IS NULL AND happened.kind = ANY(%(touchpoints)s)"
ONE = " AND happened.id = %(touchpoint)s"
TASK = f"""
SELECT (happened.done_at AT TIME ZONE %(zone)s)::date AS day, happened.id, 'task' AS kind,
    lower(happened.title || ' ' || happened.note) AS words,
    jsonb_build_object(
        'title', happened.title, 'body', happened.note, 'who', {PERSON.format(fallback="''")}
    ) AS told
FROM accounts_task AS happened
LEFT JOIN accounts_user AS person ON person.id = happened.done_by_id
WHERE happened.workspace_id = %(workspace)s AND happened.account_id = %(account)s
  AND happened.state = 'done' AND happened.removed_at IS NULL
"""
ALERT = """
SELECT happened.day, happened.id, 'alert' AS kind, lower(rule.name) AS words,
    jsonb_build_object(
        'title', rule.name, 'severity', happened.severity, 'state', happened.state,
        'points', happened.delta, 'entries', happened.entries, 'since', happened.compared_day
    ) AS told
FROM scoring_alert AS happened JOIN scoring_rule AS rule
  ON rule.workspace_id = happened.workspace_id AND rule.id = happened.rule_id
WHERE happened.workspace_id = %(workspace)s AND happened.account_id = %(account)s
"""
OVERRIDE = f"""
SELECT happened.first_day AS day, happened.id, 'override' AS kind,
    lower(happened.reason) AS words,
    jsonb_build_object(
        'title', card.name, 'body', happened.reason, 'score', happened.score,
        'band', coalesce((
            SELECT element ->> 'label' FROM jsonb_array_elements(version.bands) AS element
            WHERE element ->> 'key' = happened.band
        ), happened.band),
        'until', happened.last_day, 'ended', happened.ended_on,
        'who', {PERSON.format(fallback="happened.source")}
    ) AS told
FROM scoring_override AS happened
JOIN scoring_scorecard AS card
  ON card.workspace_id = happened.workspace_id AND card.id = happened.scorecard_id
LEFT JOIN scoring_scorecardversion AS version
  ON version.workspace_id = card.workspace_id AND version.id = card.current_version_id
LEFT JOIN accounts_user AS person ON person.id = happened.by_id
WHERE happened.workspace_id = %(workspace)s AND happened.account_id = %(account)s
"""
CHANGED = """
WITH changed AS MATERIALIZED (
    SELECT every.*, card.name, version.number, version.note, version.bands, version.published_by_id
    FROM (
        SELECT scorecard_id, day, version_id, band, score,
            lag(version_id) OVER days AS version_was, lag(band) OVER days AS band_was
        FROM scoring_evaluation
        WHERE workspace_id = %(workspace)s AND account_id = %(account)s
          AND (%(scorecard)s::bigint IS NULL OR scorecard_id = %(scorecard)s)
        WINDOW days AS (PARTITION BY scorecard_id ORDER BY day)
    ) AS every
    JOIN scoring_scorecard AS card
      ON card.workspace_id = %(workspace)s AND card.id = every.scorecard_id
    JOIN scoring_scorecardversion AS version
      ON version.workspace_id = %(workspace)s AND version.id = every.version_id
    WHERE every.version_was IS NOT NULL
      AND (every.band <> every.band_was OR every.version_id <> every.version_was)
)
"""
BAND = """
SELECT happened.day, happened.scorecard_id AS id, 'band' AS kind, lower(happened.name) AS words,
    jsonb_build_object(
        'title', happened.name, 'score', happened.score,
        'bands', happened.bands, 'band', happened.band,
        'bands_were', earlier.bands, 'band_was', happened.band_was
    ) AS told
FROM changed AS happened
JOIN scoring_scorecardversion AS earlier
  ON earlier.workspace_id = %(workspace)s AND earlier.id = happened.version_was
WHERE CASE WHEN happened.band < 0 THEN '' ELSE happened.bands -> happened.band ->> 'key' END
   <> CASE WHEN happened.band_was < 0 THEN '' ELSE earlier.bands -> happened.band_was ->> 'key' END
"""
VERSION = f"""
SELECT happened.day, happened.scorecard_id AS id, 'version' AS kind,
    lower(happened.name || ' ' || happened.note) AS words,
    jsonb_build_object(
        'title', happened.name, 'body', happened.note, 'number', happened.number,
        'who', {PERSON.format(fallback="''")}
    ) AS told
FROM changed AS happened
LEFT JOIN accounts_user AS person ON person.id = happened.published_by_id
WHERE happened.version_id <> happened.version_was
"""
STATES = """
FROM (
    SELECT from_day, row_number() OVER days AS number, {field} AS now, lag({field}) OVER days AS was
    FROM accounts_accountstate
    WHERE workspace_id = %(workspace)s AND account_id = %(account)s
    WINDOW days AS (ORDER BY from_day)
) AS happened
WHERE happened.number > 1 AND happened.now IS DISTINCT FROM happened.was
"""
CONTRACT = f"""
SELECT happened.from_day AS day, 0::bigint AS id, 'contract' AS kind, ''::text AS words,
    jsonb_build_object('now', happened.now, 'was', happened.was) AS told
{STATES.format(field="contract_value_cents")}
"""
STAGE = f"""
SELECT happened.from_day AS day, 0::bigint AS id, 'stage' AS kind,
    lower(happened.was || ' ' || happened.now) AS words,
    jsonb_build_object('now', happened.now, 'was', happened.was) AS told
{STATES.format(field="stage")}
"""
BRANCHES = {
    "touchpoint": TOUCHPOINT,
    "task": TASK,
    "alert": ALERT,
    "override": OVERRIDE,
    "band": BAND,
    "version": VERSION,
    "contract": CONTRACT,
    "stage": STAGE,
}
WHOLE = """
SELECT day, rank, id, kind, told FROM ({branches}) AS entries
ORDER BY day {way}, rank {way}, id {way} LIMIT %(limit)s
"""
BRANCH = """
(SELECT day, {rank} AS rank, id, kind, told FROM ({branch}) AS every
WHERE day <= %(last)s AND (%(first)s::date IS NULL OR day >= %(first)s){more}
ORDER BY day {way}, id {way} LIMIT %(limit)s)
"""
HAS_WORDS = """ AND (
    SELECT bool_and(strpos(words, word) > 0) FROM unnest(%(words)s::text[]) AS word
)"""
BEYOND = " AND (day, {rank}, id) {beyond} (%(day)s::date, %(rank)s, %(id)s)"


def statement(
    wanted: Wanted, zone: str, limit: int, place: Place | None = None, *, backward: bool = False
) -> tuple[str, dict[str, Any]]:
    """The entries that follow a place, the newest first; `backward` those before it, the oldest first."""
    way = "ASC" if backward else "DESC"
    more = HAS_WORDS if wanted.words else ""
    beyond = BEYOND.replace("{beyond}", ">" if backward else "<") if place else ""
    branches = [
        BRANCH.format(
            rank=RANKS[name],
            branch=_branch(name, wanted),
            more=more + beyond.format(rank=RANKS[name]),
            way=way,
        )
        for name in BRANCHES
        if wanted.of(name)
    ]
    parameters: dict[str, Any] = {
        "account": wanted.account_id,
        "first": wanted.first,
        "last": wanted.last,
        "zone": zone,
        "limit": limit,
        "scorecard": wanted.scorecard_id,
        "touchpoint": wanted.touchpoint_id,
        "touchpoints": sorted(wanted.kinds.intersection(TOUCHPOINTS) or TOUCHPOINTS),
        "words": list(wanted.words),
    }
    if place:
        parameters |= {"day": place.day, "rank": place.rank, "id": place.id}
    whole = WHOLE.format(branches=" UNION ALL ".join(branches), way=way)
    return (CHANGED if wanted.of("band") or wanted.of("version") else "") + whole, parameters


def _branch(name: str, wanted: Wanted) -> str:
    if name != "touchpoint":
        return BRANCHES[name]
    return TOUCHPOINT + (ONE if wanted.touchpoint_id is not None else KEPT)
