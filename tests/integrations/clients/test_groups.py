from datetime import date
from decimal import Decimal

from accounts.inputs import AccountRow
from accounts.models import Workspace
from integrations.clients.groups import row_of, told_of

WORKSPACE = Workspace(time_zone="America/New_York", currency="USD")


def row(**traits: object) -> AccountRow:
    return row_of("acme", told_of(traits, WORKSPACE))


def test_fields_are_those_that_are_clearly_named() -> None:
    assert row(
        name=" Acme\nInc ",
        createdAt="2024-05-01T02:00:00Z",
        contract_value=1200.5,
        renewalOn="2027-01-31",
        seats=40,
        stage="live",
        status="paying",
    ) == AccountRow(
        key="acme",
        name="Acme Inc",
        created_on=date(2024, 4, 30),
        contract_value=Decimal("1200.5"),
        renewal_on=date(2027, 1, 31),
        seats=40,
        stage="live",
        status="paying",
    )


def test_everything_else_is_an_attribute_and_flat() -> None:
    assert row(
        plan="pro",
        employees=42,
        monthlySpend=99.5,
        trial=False,
        gone=None,
        address={"city": "Oslo", "geo": {"lat": 1.5}},
        tags=["a", "b", 3],
        people=[{"name": "Ann"}],
        huge=10**30,
        long="x" * 2000,
    ) == AccountRow(
        key="acme",
        attributes={
            "plan": "pro",
            "employees": 42,
            "monthlySpend": 99.5,
            "trial": False,
            "gone": None,
            "address.city": "Oslo",
            "address.geo.lat": 1.5,
            "tags": "a, b, 3",
            "people": '[{"name": "Ann"}]',
            "huge": 1e30,
            "long": "x" * 1000,
        },
    )


def test_field_whose_value_can_not_be_one_is_an_attribute() -> None:
    assert row(
        name=7, contract_value="much", renewal_on="soon", seats=-1, stage="x" * 61, status=True
    ) == AccountRow(
        key="acme",
        stage="x" * 60,
        attributes={
            "name": 7,
            "contract_value": "much",
            "renewal_on": "soon",
            "seats": -1,
            "status": True,
        },
    )
