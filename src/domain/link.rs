//! A link that came from outside, as it may be opened: where it leads is readable, and nothing in it is hidden.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::sensitive::HIDDEN;
use super::text::Outside;

/// Bytes a link may have.
const LONGEST: usize = 2000;

/// A link that may be opened: visible ASCII, `https`, no user in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    url: String,
    host: String,
}

impl Link {
    /// Reads what a source gave as a link.
    ///
    /// # Errors
    /// Why it is not opened, in words that say what to do instead.
    pub fn read(text: &Outside) -> Result<Self, String> {
        let raw = text.raw().trim();
        if raw.contains(HIDDEN) {
            return Err("it says a sensitive value: reveal that first, a record says so".to_owned());
        }
        if raw.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} characters"));
        }
        // What the reader below would quietly leave out or take for something else.
        if *Outside::new(raw).capped_safe(LONGEST) != *raw
            || raw.contains(|c: char| c.is_whitespace() || c == '\\')
        {
            return Err("it has characters that are hidden or mean something else".to_owned());
        }
        let url = Url::parse(raw).map_err(|_| "it is no whole link; links begin with https://".to_owned())?;
        if url.scheme() != "https" {
            return Err(format!("it begins with {}:, not https:", url.scheme()));
        }
        let authority = raw.split(['/', '?', '#']).nth(2).unwrap_or_default();
        if !url.username().is_empty() || url.password().is_some() || authority.contains('@') {
            return Err("it names a user before its host, which hides where it leads".to_owned());
        }
        let host = match url.host() {
            Some(host) => host.to_string(),
            None => return Err("it names no host".to_owned()),
        };
        let url = url.to_string();
        if url.len() > LONGEST || !url.bytes().all(|c| c.is_ascii_graphic()) {
            return Err(format!("it is longer than {LONGEST} characters"));
        }
        Ok(Self { url, host })
    }

    /// All of it, visible ASCII.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The host it leads to, visible ASCII.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What is odd about its host, for whoever decides.
    pub fn oddity(&self) -> Option<&'static str> {
        if self.host.split('.').any(|label| label.starts_with("xn--")) {
            return Some(
                "its host is written in other letters than these (punycode): it may only look like one you know",
            );
        }
        let numbers = Host::parse(&self.host).is_ok_and(|host| !matches!(host, Host::Domain(_)));
        numbers.then_some("its host is an address, not a name")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Result<Link, String> {
        Link::read(&Outside::new(raw))
    }

    #[test]
    fn what_is_opened_is_what_is_read() {
        for (raw, url, host) in [
            (
                "https://wiki.example.com/gw?x=1#top",
                "https://wiki.example.com/gw?x=1#top",
                "wiki.example.com",
            ),
            ("https://WIKI.example.com", "https://wiki.example.com/", "wiki.example.com"),
            (
                "https://wiki.example.com/ä b".replace(' ', "").as_str(),
                "https://wiki.example.com/%C3%A4b",
                "wiki.example.com",
            ),
            ("https://b\u{fc}cher.example/", "https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
            ("https://wiki.example.com:8443/a@b", "https://wiki.example.com:8443/a@b", "wiki.example.com"),
        ] {
            let link = read(raw).unwrap();
            assert_eq!((link.url(), link.host()), (url, host), "{raw}");
        }
        assert_eq!(read("https://wiki?owner=a@b").unwrap().host(), "wiki");
        let graph = format!("https://prom.example.com/graph?g0.expr={}", "a".repeat(1500));
        assert_eq!(read(&graph).unwrap().url(), graph, "they are that long");
        assert!(read("https://b\u{fc}cher.example/").unwrap().oddity().unwrap().contains("punycode"));
        assert!(read("https://127.0.0.1/").unwrap().oddity().is_some());
        assert!(read("https://0x7f.1/").unwrap().oddity().is_some(), "an address in disguise");
        assert_eq!(read("https://wiki.example.com/").unwrap().oddity(), None);
    }

    #[test]
    fn what_hides_something_is_not_opened() {
        let long = format!("https://example.com/{}", "a".repeat(LONGEST));
        let dots = format!("https://example.com/?account={HIDDEN}");
        for (raw, why) in [
            ("http://wiki.example.com/", "not https:"),
            ("javascript:alert(1)", "not https:"),
            ("file:///etc/passwd", "not https:"),
            ("wiki/gw", "no whole link"),
            ("--version", "no whole link"),
            ("https://bank.example@evil.example/", "user"),
            ("https://@evil.example/", "user"),
            ("https://user:secret@evil.example/", "user"),
            ("https://good.example\\@evil.example/", "hidden"),
            ("https://good.example/\u{202e}moc", "hidden"),
            ("https://good.example/a\u{200b}b", "hidden"),
            ("https://good.example/\x1b]0;x\x07", "hidden"),
            ("https://good.ex\tample/", "hidden"),
            ("https://good.example/a b", "hidden"),
            ("https://", "no"),
            (long.as_str(), "longer"),
            (dots.as_str(), "sensitive"),
        ] {
            let refused = read(raw).unwrap_err();
            assert!(refused.contains(why), "{raw}: {refused}");
        }
    }
}
