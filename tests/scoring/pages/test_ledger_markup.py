from types import SimpleNamespace

import pytest

from scoring.pages import ledger_markup


@pytest.mark.parametrize(
    ("kind", "name", "status", "told"),
    [
        ("behaviour", "<b>\"&'", None, "&lt;b&gt;&quot;&amp;&#x27;</th><td>behaviour</td>"),
        ("data", "Logins", "ok", "Logins</th><td>data · came back</td>"),
        ("data", "Logins", "not_applicable", "<td>data · does not apply</td>"),
        ("data", "Logins", None, "<td>data</td>"),
        ("override", "", None, "Set by hand</th><td>override</td>"),
        ("held", "", None, "The band</th><td>band held</td>"),
        ("exception", "", None, "–</th><td>exception</td>"),
    ],
)
def test_an_entry_is_told(kind: str, name: str, status: str | None, told: str) -> None:
    entry = SimpleNamespace(kind=kind, name=name, status=status, points=-12_345)
    html = ledger_markup.rows([entry])
    assert told in html
    assert html.endswith('<td class="n">−1.2345</td></tr>')
