from datetime import date

import pytest
from django.template.loader import render_to_string

from accounts.models import Contact
from scoring.pages import people_markup
from scoring.pages.people import ContactLine

TODAY = date(2026, 3, 10)
HOSTILE = "<b onclick='x'>\"&"


def line(met_on: date | None = None, **given: object) -> str:
    contact = Contact(**{"workspace_id": 1, "name": "Ann", "email": "ann@b.example", **given})
    return people_markup.line(ContactLine(contact, met_on), TODAY)


def test_nothing_of_a_contact_is_markup() -> None:
    hostile = dict.fromkeys(("name", "email", "title", "role", "phone", "influence"), HOSTILE)
    html = line(**hostile)
    assert "<b " not in html
    assert "&lt;b onclick=&#x27;x&#x27;&gt;&quot;&amp;" in html
    assert 'href="mailto:&lt;b' in html
    assert 'href="tel:%3Cb%20onclick%3D%27x%27%3E%22%26"' in html


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, ["<li><div>Ann</div>", "not in touch yet</div>"]),
        ({"is_key": True}, ['<use href="#s-star"/></svg>key contact</span>', 'class="missing"']),
        ({"influence": "champion"}, ['<span class="pill">Champion</span>']),
        ({"influence": "champion", "status": "departed"}, ["Champion left", 'class="departed"']),
        ({"influence": "user", "status": "departed"}, ["User</span> ", "tone-warn", "left</span>"]),
        ({"title": "CFO", "role": "Buyer"}, ["CFO · Buyer<br>"]),
        ({"phone": "+49 30 1"}, ['<a class="nowrap" href="tel:+49%2030%201">+49 30 1</a>']),
        ({"met_on": TODAY}, ["last in touch today"]),
        ({"met_on": date(2026, 3, 1)}, ["last in touch 9 days ago"]),
    ],
)
def test_a_contact_is_told(given: dict[str, object], told: list[str]) -> None:
    html = line(**given)
    assert all(text in html for text in told), html


def test_a_pill_is_that_of_the_template() -> None:
    for tone, shape in (("", ""), ("bad", "cross")):
        given = {"text": HOSTILE, "tone": tone, "shape": shape}
        template = render_to_string("components/pill.html", given).strip()
        assert people_markup.pill(HOSTILE, tone, shape) == template
