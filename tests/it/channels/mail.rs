//! Mail, against a server that fails on purpose and against a real one.

use quell::domain::action::Outcome;
use quell::domain::fault::FaultKind;
use quell::domain::plan::Telling;
use quell::domain::text::Outside;

use super::{Kind, Listener, SECRET, Trouble, build, posting, telling};
use crate::support::real::Aiosmtpd;
use crate::support::smtpd::{Smtpd, Turn};

pub const SMTP: Kind = Kind { well: || Desk::boxed(&[]), troubles, silences };

struct Desk {
    server: Smtpd,
    tls: &'static str,
}

impl Desk {
    fn boxed(turns: &[(&str, Turn)]) -> Box<dyn Listener> {
        Box::new(Self { server: Smtpd::start(turns), tls: "none" })
    }
}

fn table(address: &str, rest: &str) -> String {
    format!(
        "kind = 'mail'\nname = 'desk'\naddress = '{address}'\nfrom = 'quell <oncall@example.com>'\n\
         to = ['desk@example.com']\ncc = ['ana@example.com']\nreach = 'per-recipient'\nuser = 'quell'\n\
         password_env = 'P'\n{rest}"
    )
}

impl Listener for Desk {
    fn table(&self) -> String {
        table(&self.server.address(), &format!("tls = '{}'", self.tls))
    }

    fn count(&self) -> usize {
        self.server.received().len()
    }

    fn key(&self, message: usize) -> String {
        self.server.received()[message].header("message-id").unwrap()
    }

    fn read(&self, message: usize) -> String {
        let message = &self.server.received()[message];
        let subject = message.header("subject").unwrap();
        let body = message.body();
        assert_ne!(message.header("content-transfer-encoding").as_deref(), Some("base64"), "{message:?}");
        format!("{subject}\n{body}")
    }

    fn is_plain(&self, message: usize) {
        let message = &self.server.received()[message];
        let mut headers = message.headers();
        headers.sort_unstable();
        let ours = [
            "auto-submitted",
            "cc",
            "content-transfer-encoding",
            "content-type",
            "date",
            "from",
            "in-reply-to",
            "message-id",
            "references",
            "subject",
            "to",
        ];
        assert_eq!(headers, ours);
        assert_eq!(message.to, ["desk@example.com", "ana@example.com"]);
        assert!(!message.text.replace("\r\n", "").contains(['\r', '\n', '\0', '\u{1b}']), "{message:?}");
        let long = message.text.split("\r\n").find(|line| line.len() > 998);
        assert_eq!(long, None);
    }

    fn series(&self, message: usize) -> Option<String> {
        let message = &self.server.received()[message];
        assert_eq!(message.header("references"), message.header("in-reply-to"));
        message.header("references")
    }
}

/// A line that repeats what the server was told.
fn echo(code: u16) -> Turn {
    Turn::say(&format!("{code} you said {SECRET}"))
}

fn troubles() -> Vec<Trouble> {
    use FaultKind::{Local, Malformed, NoAnswer, Refused, Throttled, Unauthorised, Unreachable};
    use Outcome::{NotSent, Unknown};
    const NO: Outcome = Outcome::Refused;
    let before = |what, step, turn, kind, outcome| trouble(what, step, turn, (kind, outcome));
    let after =
        |what, turn, kind, outcome| Trouble { sent: true, ..before(what, "text", turn, kind, outcome) };
    let private = |what, tls, kind| {
        let listener = Box::new(Desk { server: Smtpd::start(&[]), tls });
        Trouble { what, listener, kind, outcome: NotSent, sent: false }
    };
    let flood = || Turn::Flood(64 << 20);
    vec![
        before("no service", "greeting", Turn::say("554 no service here"), Refused, NO),
        before("too busy", "greeting", Turn::say("421 come back later"), Throttled, NO),
        before("no greeting", "greeting", Turn::Close, Unreachable, NotSent),
        before("garbage", "greeting", Turn::say("HTTP/1.1 400 Bad Request"), Unreachable, NotSent),
        before("a flood", "greeting", flood(), Unreachable, NotSent),
        before("a wrong password", "AUTH", echo(535), Unauthorised, NO),
        before("no log-in now", "AUTH", echo(454), Throttled, NO),
        before("another reply to the password", "AUTH", echo(250), Unreachable, NotSent),
        before("no password taken", "EHLO", Turn::say("250 double.example.com"), Local, NotSent),
        before("the sender is refused", "MAIL", echo(550), Refused, NO),
        before("no text wanted", "DATA", echo(451), Throttled, NO),
        before("another reply to DATA", "DATA", Turn::say("250 fine"), Unreachable, NotSent),
        after("spam", echo(554), Refused, NO),
        after("a full disk", echo(452), Throttled, NO),
        after("a cut", Turn::Close, Malformed, Unknown),
        after("garbage after the text", Turn::say("what?"), Malformed, Unknown),
        after("another reply to the text", Turn::say("354 go on"), Malformed, Unknown),
        after("a flood after the text", flood(), NoAnswer, Unknown),
        private("no STARTTLS", "starttls", Local),
        private("no TLS", "implicit", Unreachable),
    ]
}

fn silences() -> Vec<Trouble> {
    let never = || (FaultKind::Unreachable, Outcome::NotSent);
    let perhaps = (FaultKind::NoAnswer, Outcome::Unknown);
    vec![
        trouble("a silent greeting", "greeting", Turn::Hang, never()),
        trouble("silence before the text", "DATA", Turn::Hang, never()),
        Trouble { sent: true, ..trouble("silence after the text", "text", Turn::Hang, perhaps) },
    ]
}

/// A server that takes its turn otherwise at one step, before it was handed the text.
fn trouble(what: &'static str, step: &str, turn: Turn, amounts_to: (FaultKind, Outcome)) -> Trouble {
    let (kind, outcome) = amounts_to;
    Trouble { what, listener: Desk::boxed(&[(step, turn)]), kind, outcome, sent: false }
}

#[tokio::test]
async fn nobody_there_means_nothing_was_sent() {
    let address = Smtpd::start(&[]).address();
    let fault = build(&table(&address, "tls = 'none'")).1.post(&posting()).await.unwrap_err();
    assert_eq!((fault.kind, fault.detail.raw()), (FaultKind::Unreachable, "connection refused"));
}

#[tokio::test]
async fn whom_a_server_will_not_write_to_is_said() {
    let no = || Turn::say("550 no such user");
    let server = Smtpd::start(&[("RCPT ana@example.com", no())]);
    let accepted = build(&table(&server.address(), "tls = 'none'")).1.tell(&telling()).await.unwrap();
    assert_eq!(
        accepted.detail.raw(),
        "the mail server says: queued as 4711; not to ana@example.com: status 550: no such user"
    );
    assert_eq!(server.received().len(), 1);

    let server = Smtpd::start(&[("RCPT ana@example.com", no()), ("RCPT desk@example.com", no())]);
    let fault = build(&table(&server.address(), "tls = 'none'")).1.tell(&telling()).await.unwrap_err();
    assert_eq!((fault.kind, fault.outcome()), (FaultKind::Refused, Outcome::Refused));
    assert_eq!(server.received(), []);
}

#[tokio::test]
async fn nothing_is_said_of_the_machine_it_comes_from() {
    let server = Smtpd::start(&[]);
    build(&table(&server.address(), "tls = 'none'")).1.tell(&telling()).await.unwrap();
    assert_eq!(server.heard()[0], "EHLO example.com");
}

#[tokio::test]
async fn a_real_server_takes_messages_in_private_and_from_whom_it_knows() {
    for tls in ["starttls", "implicit"] {
        let Some(server) = Aiosmtpd::start(tls == "implicit", SECRET) else { return };
        let table = |ca: &str| table(&server.address(), &format!("tls = '{tls}'\nca_file = '{ca}'"));
        let (_, channel) = build(&table(&server.certificate()));
        let dotted = Telling { subject: Outside::new("Grüße\r\nBcc: x@example.com"), ..telling() };
        channel.tell(&dotted).await.unwrap();
        let accepted = channel.post(&posting()).await.unwrap();
        let received = server.wait_for(2);
        assert_eq!(received[0].header("Bcc"), None);
        assert_eq!(received[1].header("Message-ID"), accepted.reference.map(|id| id.raw().to_owned()));
        assert_eq!(received[1].body().replace("\r\n", "\n").trim_end(), posting().body.raw());
        assert_eq!(received[1].to, ["desk@example.com", "ana@example.com"]);

        let stranger =
            quell::channels::build(&toml::from_str(&table(&server.certificate())).unwrap(), |_| {
                Some("another".to_owned())
            });
        let fault = stranger.unwrap().tell(&telling()).await.unwrap_err();
        assert_eq!((fault.kind, fault.outcome()), (FaultKind::Unauthorised, Outcome::Refused), "{fault:?}");
        let (_, wary) = build(&table(&server.other_certificate()));
        let fault = wary.tell(&telling()).await.unwrap_err();
        assert_eq!((fault.kind, fault.outcome()), (FaultKind::Unreachable, Outcome::NotSent), "{fault:?}");
        assert!(fault.detail.raw().contains("certificate"), "{fault:?}");
    }
}
