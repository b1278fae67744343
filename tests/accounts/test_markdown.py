import pytest

from accounts.markdown import plain, rendered


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** *b*", "<p><strong>a</strong> <em>b</em></p>\n"),
        ("# Head", "<h4>Head</h4>\n"),
        ("a\nb", "<p>a<br>\nb</p>\n"),
        ("- a", "<ul>\n<li>a</li>\n</ul>\n"),
        (
            "[a](https://b.example)",
            '<p><a href="https://b.example" rel="noopener noreferrer nofollow">a</a></p>\n',
        ),
        ("[a](javascript:alert)", "<p>[a](javascript:alert)</p>\n"),
        ("<b onclick=x>a</b>", "<p>&lt;b onclick=x&gt;a&lt;/b&gt;</p>\n"),
        ("![a](https://b.example/p.png)", "<p></p>\n"),
    ],
)
def test_markdown_becomes_harmless_html(text: str, html: str) -> None:
    assert rendered(text) == html


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# A\n\n- **b** `c`\n- d\n", "A b c d"),
        ("a\nb", "a b"),
        ("1 < 2 & <b>", "1 < 2 & <b>"),
        ("```\nx = 1\n```", "x = 1"),
        ("", ""),
    ],
)
def test_plain_words_are_one_line(text: str, words: str) -> None:
    assert plain(text) == words
