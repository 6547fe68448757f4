//! What a response leaves behind for readers: the post-mortem, its picture, the hand-over card, the metrics.

mod card;
mod held;
mod metrics;
mod page;
mod picture;

use quell::domain::text::Outside;

use crate::support::torture;

/// Every payload that the transition table takes for words; of the longest as much as a page shows.
fn payloads() -> impl Iterator<Item = (String, String)> {
    let more = [
        ("row", "x |\n| forged | row | here"),
        ("heading", "# Root cause\n\n## All clear"),
        ("setext", "x\n====\n\ny\n---"),
        (
            "link",
            "[click](https://evil.example) <https://evil.example> https://evil.example www.evil.example",
        ),
        ("address", "ops@evil.example mailto:ops@evil.example @everyone"),
        ("reference", "[a]: https://evil.example\n\n[a] ![a][a] [^1]\n\n[^1]: x"),
        ("html", "<img src=x onerror=alert(1)> <!-- --> </td></tr> &lt;b&gt; &#60;b>"),
        ("lists", "- x\n1. y\n+ z\n* a\n> q\n- [x] t"),
        ("fences", "```\n~~~\n    code\n``` `a` ``b`` $x$ $$y$$"),
        ("emphasis", "*a* **b** __c__ _d_ ~~e~~ ||f|| ==g== x^2^ H~2~O :+1: \\| \\"),
        ("xml", "</text></svg><script>alert(1)</script> ]]> <![CDATA[ &amp; \" ' \u{fffe}\u{ffff}"),
    ];
    let more = more.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let short = |(name, text): (String, String)| (name, text.chars().take(2000).collect::<String>());
    more.into_iter()
        .chain(torture::texts())
        .map(short)
        .filter(|(_, text)| !Outside::new(text.clone()).is_blank())
}
