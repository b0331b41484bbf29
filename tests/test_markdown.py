import pytest

from sessions_app.markdown import to_html, to_inline_html


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("One\n\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("**bold** and *italic*", "<p><strong>bold</strong> and <em>italic</em></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        (
            "[note](https://example.org/a)",
            '<p><a href="https://example.org/a">note</a></p>',
        ),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("<img src=x onerror=y>", "<p>&lt;img src=x onerror=y&gt;</p>"),
        (
            "![x](https://example.org/a.png)",
            '<p>!<a href="https://example.org/a.png">x</a></p>',
        ),
        ("# 5 is no heading", "<p># 5 is no heading</p>"),
        ("[x](//example.org)", "<p><a>x</a></p>"),
        ("[x](javascript:alert)", "<p>[x](javascript:alert)</p>"),
        ("[x](data:text/html,a)", "<p>[x](data:text/html,a)</p>"),
    ],
)
def test_markdown_prints_its_few_forms_and_all_else_as_typed(typed, printed):
    assert to_html(typed) == printed


def test_inline_text_has_no_paragraph():
    assert to_inline_html("A *b*") == "A <em>b</em>"
