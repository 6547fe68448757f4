//! A message as mail: plain text, headers that keep a thread together, and nothing from outside in them unchecked.

use std::time::SystemTime;

use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message};
use sha2::{Digest, Sha256};

use crate::channels::words::{self, Item, Said};
use crate::domain::bulletin::{MERGE_TOKEN, Posting};
use crate::domain::fault::Fault;
use crate::domain::plan::{Purpose, Telling, hex};
use crate::os::clock;

/// Cells of a subject.
const SUBJECT_CELLS: usize = 200;
/// Bytes of the packet.
const PACKET_BYTES: usize = 128 * 1024;
/// Characters of a message's id.
const ID_CHARS: usize = 320;

/// A message before it is addressed.
pub(super) struct Letter {
    /// The same for every attempt.
    pub(super) id: String,
    /// The id that all messages of the thread refer to; `None` for the one that begins it.
    thread: Option<String>,
    subject: String,
    body: String,
}

impl Letter {
    /// What people are told. The thread's root is no message, so every one of them can be the first.
    pub(super) fn telling(telling: &Telling, domain: &str) -> Self {
        let Said { lead, subject, items } = words::said(telling);
        let mut lines = vec![lead, subject, String::new()];
        for Item { name, lines: value } in items {
            match value.as_slice() {
                [] => lines.push(format!("{name}: not yet known")),
                [line] => lines.push(format!("{name}: {line}")),
                several => {
                    lines.push(format!("{name}:"));
                    lines.extend(several.iter().map(|line| format!("  {line}")));
                }
            }
        }
        let lines = words::fit(lines, PACKET_BYTES, |line| line.len() + 2, |marker| marker);
        let subject = telling.subject.safe().clip(SUBJECT_CELLS);
        Self {
            id: id("message", &telling.key, domain),
            thread: Some(id("thread", &telling.thread, domain)),
            // Some readers keep together only what has the same subject, answers aside.
            subject: if telling.purpose == Purpose::Page { subject } else { format!("Re: {subject}") },
            body: lines.join("\n").trim_end().to_owned(),
        }
    }

    /// A bulletin, to the letter.
    pub(super) fn posting(posting: &Posting, domain: &str) -> Result<Self, Fault> {
        let thread = posting.series.as_ref().map(|series| {
            let known = is_id(series.raw()).then(|| series.raw().to_owned());
            known.ok_or_else(|| Fault::local("the series is no message of this channel; begin another one"))
        });
        Ok(Self {
            id: id("message", &posting.key, domain),
            thread: thread.transpose()?,
            subject: posting.subject.safe().to_string(),
            body: posting.body.raw().to_owned(),
        })
    }

    /// The bytes of the message, dated now. The merge token is in them as it is, for the mailer to find.
    pub(super) fn write(
        &self,
        from: &Mailbox,
        to: &[Mailbox],
        cc: &[Mailbox],
        eight_bit: bool,
    ) -> Result<Vec<u8>, Fault> {
        let mut message = Message::builder()
            .from(from.clone())
            .date(SystemTime::from(clock::now()))
            .subject(self.subject.clone())
            .message_id(Some(self.id.clone()))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN);
        for mailbox in to {
            message = message.to(mailbox.clone());
        }
        for mailbox in cc {
            message = message.cc(mailbox.clone());
        }
        if let Some(thread) = &self.thread {
            message = message.in_reply_to(thread.clone()).references(thread.clone());
        }
        let unwritable = |_| Fault::local("the message cannot be written as mail; look at from, to and cc");
        let bytes = message.body(self.encoded(eight_bit)?).map_err(unwritable)?.formatted();
        let tokens = |bytes: &[u8]| {
            bytes.windows(MERGE_TOKEN.len()).filter(|part| *part == MERGE_TOKEN.as_bytes()).count()
        };
        if tokens(self.body.as_bytes()) != tokens(&bytes) {
            return Err(Fault::local(
                "this mail server would take the bulletin only in a form that hides the merge token from the \
                 mailer; shorten its lines or use plain ASCII",
            ));
        }
        Ok(bytes)
    }

    /// The body in the plainest form that carries it.
    fn encoded(&self, eight_bit: bool) -> Result<Body, Fault> {
        use ContentTransferEncoding::{EightBit, QuotedPrintable, SevenBit};
        // One way to end a line: what a server could read as another end must not be in a message.
        let text = self.body.replace("\r\n", "\n").replace('\r', "\n");
        let plainest = if eight_bit { [SevenBit, EightBit] } else { [SevenBit, SevenBit] };
        let tried = plainest.into_iter().chain([QuotedPrintable]);
        let mut bodies = tried.filter_map(|form| Body::new_with_encoding(text.clone(), form).ok());
        bodies.next().ok_or_else(|| Fault::local("the message's text cannot be written as mail"))
    }
}

/// `Auto-Submitted: auto-generated`: nobody's holiday reply answers it.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The id that stands for a key.
fn id(what: &str, key: &str, domain: &str) -> String {
    let digest = Sha256::digest(format!("{what}\0{key}"));
    format!("<{}@{domain}>", hex(digest.get(..16).unwrap_or_default()))
}

fn is_id(text: &str) -> bool {
    let inside = text.strip_prefix('<').and_then(|text| text.strip_suffix('>'));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>');
    text.len() <= ID_CHARS && inside.is_some_and(|text| text.contains('@') && plain(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tests::{posting, telling};
    use crate::domain::fault::FaultKind;
    use crate::domain::text::Outside;

    fn written(letter: &Letter, eight_bit: bool) -> Result<String, Fault> {
        let mailbox = |text: &str| text.parse::<Mailbox>().unwrap();
        let to = [mailbox("desk@example.com"), mailbox("Ana <ana@example.com>")];
        let bytes = letter.write(&mailbox("quell <oncall@example.com>"), &to, &[], eight_bit)?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    fn header<'a>(text: &'a str, name: &str) -> Option<&'a str> {
        let head = text.split_once("\r\n\r\n").unwrap().0;
        head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn with_body(body: &str) -> Letter {
        Letter::posting(&Posting { body: Outside::new(body), ..posting() }, "example.com").unwrap()
    }

    #[test]
    fn messages_of_one_thread_refer_to_the_same_root() {
        let page = Letter::telling(&telling(), "example.com");
        let filled = Telling { purpose: Purpose::Filled, key: "k2".into(), ..telling() };
        let filled = Letter::telling(&filled, "example.com");
        assert_ne!(page.id, filled.id);
        assert_eq!(Letter::telling(&telling(), "example.com").id, page.id);
        let (page, filled) = (written(&page, true).unwrap(), written(&filled, true).unwrap());
        for name in ["References", "In-Reply-To"] {
            assert!(header(&page, name).is_some());
            assert_eq!(header(&page, name), header(&filled, name));
        }
        assert_eq!(header(&filled, "Subject"), Some(&*format!("Re: {}", header(&page, "Subject").unwrap())));
        assert_eq!(header(&page, "Auto-Submitted"), Some("auto-generated"));
        assert_eq!(header(&page, "Content-Type"), Some("text/plain; charset=utf-8"));
    }

    #[test]
    fn nothing_from_outside_becomes_a_header() {
        let subject = Outside::new("down\r\nBcc: evil@example.com\r\n\r\nbody");
        let telling = Letter::telling(&Telling { subject: subject.clone(), ..telling() }, "example.com");
        let posting = Posting { subject, ..posting() };
        for letter in [telling, Letter::posting(&posting, "example.com").unwrap()] {
            let text = written(&letter, true).unwrap();
            assert_eq!(header(&text, "Bcc"), None, "{text}");
            assert!(header(&text, "Subject").unwrap().starts_with("down"), "{text}");
        }
        for series in ["<a@b>\r\nBcc: c@d", "a@b", "<a>", "<a b@c>", "<a@b> <c@d>"] {
            let posting = Posting { series: Some(Outside::new(series)), ..posting.clone() };
            assert_eq!(
                Letter::posting(&posting, "example.com").err().unwrap().kind,
                FaultKind::Local,
                "{series}"
            );
        }
    }

    #[test]
    fn the_merge_token_arrives_as_it_is_or_nothing_leaves() {
        let text = format!("Grüße\n{} {MERGE_TOKEN}\n", "é".repeat(22));
        assert!(written(&with_body(&text), true).unwrap().contains(MERGE_TOKEN));
        // Without eight bits a line of the encoded text ends within the token.
        assert_eq!(written(&with_body(&text), false).unwrap_err().kind, FaultKind::Local);
        let short = format!("é\n{MERGE_TOKEN}\n");
        assert!(written(&with_body(&short), false).unwrap().contains(MERGE_TOKEN));
        let ascii = format!("{} {MERGE_TOKEN}", "word ".repeat(100));
        assert!(written(&with_body(&ascii), false).unwrap().contains(MERGE_TOKEN));
    }

    #[test]
    fn a_line_ends_in_one_way() {
        let text = written(&with_body("one\rtwo\r\nthree\n.\nfour"), true).unwrap();
        assert!(text.ends_with("\r\n\r\none\r\ntwo\r\nthree\r\n.\r\nfour"), "{text:?}");
    }
}
