"""A draft tried on the whole portfolio equals what publishing it does to each account."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.models import Evaluation, Health
from scoring.services import trial as trials
from scoring.services.trial import Trial, trial
from tests.factories import make_account, make_workspace
from tests.scoring.scored import measure, publish, score
from tests.scoring.services.test_preview import DAY, NOON, YESTERDAY, two


@pytest.fixture
def acme(db: None) -> Workspace:
    """Accounts of many scores, in two stages, of two currencies; one of them was never measured."""
    workspace = make_workspace("acme")
    publish(workspace, YESTERDAY, two(applies_to={"stage": ["live"]}))
    for n in range(23):
        stage, currency = ("trial", "live")[n % 5 > 0], ("EUR", "USD")[n % 2]
        value = None if n == 7 else 1000 * n
        account = make_account(
            workspace, f"a{n:02}", stage=stage, currency=currency, contract_value_cents=value
        )
        if n != 11:
            measure(workspace, account, YESTERDAY, usage=(n * 37) % 101, support=(n * 53) % 101)
        score(workspace, account, DAY)
    return workspace


def tried(acme: Workspace, document: Any, **options: Any) -> Trial:
    with scope(acme.pk):
        return trial(workspace=acme, document=document, moment=NOON, **{"seconds": 60, **options})


DRAFT = two(second=4, applies_to={"stage": ["live", "trial"]}, min_coverage=40)


def stored() -> dict[str, tuple[str, int | None]]:
    names = dict(Account.objects.values_list("pk", "key"))
    found = {names[health.account_id]: health for health in Health.objects.filter(day=DAY)}
    return {
        key: (found[key].band_key, found[key].score) if key in found else ("not_applicable", None)
        for key in names.values()
    }


def test_matrix_counts_every_account_once(acme: Workspace) -> None:
    found = tried(acme, DRAFT)
    matrix = found.matrix()
    assert sum(row.accounts for row in matrix.rows) == matrix.accounts == found.total == 23
    assert sum(matrix.totals.values()) == 23
    assert matrix.moved == int(found.moving().sum()) > 0


def test_trial_equals_what_publishing_brings(acme: Workspace) -> None:
    found = tried(acme, DRAFT)
    with scope(acme.pk):
        before = stored()
        moves = found.moves(found.moving(), 0, 100)
    publish(acme, DAY, DRAFT)
    with scope(acme.pk):
        for account in Account.objects.all():
            score(acme, account, DAY)
        after = stored()
    assert {m.account.key: (m.before.key, m.score_before) for m in moves} == {
        key: before[key] for key in before if before[key][0] != after[key][0]
    }
    assert {m.account.key: (m.after.key, m.score_after) for m in moves} == {
        key: after[key] for key in after if before[key][0] != after[key][0]
    }


def test_money_of_the_cells_is_that_of_their_accounts(acme: Workspace) -> None:
    found = tried(acme, DRAFT)
    for row in found.matrix().rows:
        for cell in row.cells:
            inside = found.between(cell.before.key, cell.after.key)
            with scope(acme.pk):
                moves = found.moves(inside, 0, 100)
            assert len(moves) == cell.accounts
            sums: dict[str, int] = {}
            for account in (move.account for move in moves):
                if account.contract_value_cents is not None:
                    sums.setdefault(account.currency, 0)
                    sums[account.currency] += account.contract_value_cents
            assert {money.currency: money.minor for money in cell.money} == sums


def test_steps_come_to_the_same_as_one_go(acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tried(acme, DRAFT).matrix()
    monkeypatch.setattr(trials, "BATCH", 5)
    done = [tried(acme, DRAFT, seconds=0, afresh=True).done]
    while done[-1] < 23:
        done.append(tried(acme, DRAFT, seconds=0).done)
    assert done == [5, 10, 15, 20, 23]
    assert tried(acme, DRAFT).matrix() == whole


def test_nothing_is_written(acme: Workspace) -> None:
    with scope(acme.pk):
        rows = list(Evaluation.objects.order_by("pk").values_list())
    tried(acme, DRAFT)
    with scope(acme.pk):
        assert list(Evaluation.objects.order_by("pk").values_list()) == rows


def test_another_scheme_is_compared_by_the_place_of_its_bands(acme: Workspace) -> None:
    found = tried(acme, two(scheme="letter", applies_to={"stage": ["live"]}))
    assert found.matrix().other_scheme
    kinds = {
        (cell.before.key, cell.after.key): cell.kind
        for row in found.matrix().rows
        for cell in row.cells
    }
    chosen = {pair: kinds[pair] for pair in (("red", "f"), ("yellow", "c"), ("green", "a"))}
    assert set(chosen.values()) == {"same"}
    assert (kinds["yellow", "b"], kinds["yellow", "d"]) == ("better", "worse")
    assert kinds["unknown", "unknown"] == "same"


def test_another_day_is_another_trial(acme: Workspace) -> None:
    today = tried(acme, DRAFT)
    with scope(acme.pk):
        moment = NOON + timedelta(days=1)
        tomorrow = trial(workspace=acme, document=DRAFT, moment=moment, seconds=60)
    assert (today.moment, tomorrow.moment) == (NOON, NOON + timedelta(days=1))
