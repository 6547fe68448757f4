//! Popups of the desktop, over the session bus.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zbus::zvariant::Value;
use zbus::{Connection, MatchRule, MessageStream, OwnedGuid};

use super::{Place, Popup};
use crate::domain::fault::{Fault, FaultKind};
use crate::os::spawn;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// The key of the button that acknowledges.
const ACKNOWLEDGE: &str = "acknowledge";
/// How long the bus may take to say what its notification server can do, and that one to show a popup: then it is the
/// terminal's turn.
const WITHIN: Duration = Duration::from_millis(250);
/// Cells of a title and of a body.
const MAX_CELLS: (usize, usize) = (100, 500);
/// The server chooses how long a popup stays.
const ITS_CHOICE: i32 = -1;
/// Signals of the server that wait to be looked at. Beyond, the whole connection waits: whoever holds a [`Shown`] looks.
const SIGNALS: usize = 64;

/// Popups of this program that are kept in mind; beyond, the oldest is left to its server.
const KEPT: usize = 200;

/// The desktop's notification server. What is shown in the place of something else replaces it.
#[derive(Debug, Default)]
pub struct Desktop {
    session: tokio::sync::Mutex<Option<Session>>,
    shown: Mutex<VecDeque<Known>>,
    /// How many popups were asked for.
    asked: AtomicU64,
}

/// A popup that may still be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    place: Option<Place>,
    id: u32,
    server: Option<Server>,
    /// The how manieth it was to be asked for.
    nth: u64,
}

/// A notification server by its own name on a bus, and which bus that is: another one counts its popups anew.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Server {
    bus: OwnedGuid,
    name: String,
}

/// A connection to the session bus, and what its notification server can do.
#[derive(Clone, Debug)]
struct Session {
    bus: Connection,
    reads_markup: bool,
    has_buttons: bool,
}

/// A popup that was shown.
pub struct Shown {
    bus: Connection,
    id: u32,
    server: Option<Server>,
    signals: MessageStream,
}

/// Why a popup is not seen yet.
pub struct Unseen {
    /// What went wrong.
    pub fault: Fault,
    /// It may be shown all the same, once the desktop gets to it.
    pub late: Option<Late>,
}

impl From<Fault> for Unseen {
    fn from(fault: Fault) -> Self {
        Self { fault, late: None }
    }
}

/// A popup that the desktop takes longer to show than anybody waits.
pub struct Late(JoinHandle<zbus::Result<Option<Shown>>>);

impl Late {
    /// Waits until it is shown; nothing where it never is, or where something else has its place by then.
    pub async fn shown(self) -> Option<Shown> {
        self.0.await.ok()?.ok()?
    }
}

impl Desktop {
    /// Asks the notification server what it can do, which shows nothing; whether it has buttons.
    ///
    /// # Errors
    /// Why no popup would be shown: no bus, no server, or no answer in time.
    pub async fn test(&self) -> Result<bool, Fault> {
        self.session().await.map(|session| session.has_buttons)
    }

    /// Shows a popup. Where the bus was started again since the last one, over a new connection.
    ///
    /// # Errors
    /// Why it was not shown: no bus, no server, or no answer in time.
    pub async fn show(self: &Arc<Self>, popup: &Popup) -> Result<Shown, Unseen> {
        let idle = self.session.lock().await.is_some();
        match self.try_to_show(popup).await {
            // What was not answered in time may stand there already.
            Err(unseen) if idle && unseen.fault.kind != FaultKind::NoAnswer => self.try_to_show(popup).await,
            shown => shown,
        }
    }

    async fn try_to_show(self: &Arc<Self>, popup: &Popup) -> Result<Shown, Unseen> {
        let session = self.session().await?;
        let (desktop, popup) = (self.clone(), popup.clone());
        let nth = self.asked.fetch_add(1, Ordering::Relaxed);
        // It goes on behind whoever waits no longer: what is shown late must not be there unknown.
        let mut asked = spawn::task("desktop", async move { desktop.notify(&session, &popup, nth).await });
        let shown = match timeout(WITHIN, &mut asked).await {
            Ok(Ok(Ok(Some(shown)))) => Ok(shown),
            Ok(Ok(Err(error))) => Err(refused(&error).into()),
            Ok(Ok(Ok(None)) | Err(_)) => {
                Err(Fault::new(FaultKind::Local, "something newer has the place of a notification").into())
            }
            Err(_) => {
                let fault = Fault::new(FaultKind::NoAnswer, "the desktop did not answer within 250ms");
                Err(Unseen { fault, late: Some(Late(asked)) })
            }
        };
        if shown.is_err() {
            // A bus that was started again is found by a new connection only.
            *self.session.lock().await = None;
        }
        shown
    }

    /// Takes a popup away again.
    pub async fn close(&self, shown: Shown) {
        let Shown { bus, id, server, signals } = shown;
        // Nobody reads them any more, and nobody else's may wait for that.
        drop(signals);
        self.known().retain(|known| known.id != id || known.server != server);
        if let Some(server) = server {
            close(&bus, &server, id).await;
        }
    }

    /// Takes away whatever was shown: nobody is left whom its buttons would reach.
    pub async fn close_all(&self) {
        let all = std::mem::take(&mut *self.known());
        if all.is_empty() {
            return;
        }
        let Ok(session) = self.session().await else { return };
        for (id, server) in all.into_iter().filter_map(|known| Some((known.id, known.server?))) {
            close(&session.bus, &server, id).await;
        }
    }

    /// Shows a popup, as soon as the server gets to it; nothing where a newer one has its place by then.
    async fn notify(&self, session: &Session, popup: &Popup, nth: u64) -> zbus::Result<Option<Shown>> {
        let rule = MatchRule::builder().msg_type(zbus::message::Type::Signal).sender(NAME)?.path(PATH)?;
        // Before it is shown, so that no button is pressed unseen.
        let signals =
            MessageStream::for_match_rule(rule.interface(NAME)?.build(), &session.bus, Some(SIGNALS)).await?;
        let known = self.known().iter().find(|it| it.place.is_some() && it.place == popup.place).cloned();
        let replaces = match known {
            Some(Known { id, server, .. }) if server.is_some() && server == owner(&session.bus).await => id,
            _ => 0,
        };
        let (title, body) = (popup.title.clip(MAX_CELLS.0), popup.body.clip(MAX_CELLS.1));
        let body = if session.reads_markup { escape(&body) } else { body };
        let buttons: &[&str] =
            if popup.acknowledges && session.has_buttons { &[ACKNOWLEDGE, "Acknowledge"] } else { &[] };
        let urgency: u8 = if popup.critical { 2 } else { 1 };
        let hints = HashMap::from([("urgency", Value::U8(urgency))]);
        let notification = ("quell", replaces, "", title, body, buttons, hints, ITS_CHOICE);
        let answer = session.bus.call_method(Some(NAME), PATH, Some(NAME), "Notify", &notification).await?;
        let id: u32 = answer.body().deserialize()?;
        let server = answer.header().sender().map(|name| named(&session.bus, name.as_str()));
        let (is_newest, others) =
            self.place(Known { place: popup.place.clone(), id, server: server.clone(), nth });
        let shown = Shown { bus: session.bus.clone(), id, server, signals };
        for (id, server) in others {
            close(&session.bus, &server, id).await;
        }
        Ok(is_newest.then_some(shown))
    }

    /// Keeps in mind what is shown: of several that were asked for in the same place, the newest. Whether it is that, and which
    /// others stand there still since they were shown late.
    fn place(&self, shown: Known) -> (bool, Vec<(u32, Server)>) {
        let mut known = self.known();
        known.retain(|it| it.id != shown.id || it.server != shown.server);
        let here = |it: &Known| it.place.is_some() && it.place == shown.place;
        let mut others: Vec<Known> = known.iter().filter(|it| here(it)).cloned().collect();
        known.retain(|it| !here(it));
        let is_newest = others.iter().all(|it| it.nth < shown.nth);
        others.push(shown);
        others.sort_by_key(|it| it.nth);
        known.extend(others.pop());
        if known.len() > KEPT {
            known.pop_front();
        }
        (is_newest, others.into_iter().filter_map(|it| Some((it.id, it.server?))).collect())
    }

    fn known(&self) -> MutexGuard<'_, VecDeque<Known>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn session(&self) -> Result<Session, Fault> {
        let mut session = self.session.lock().await;
        if let Some(session) = &*session {
            return Ok(session.clone());
        }
        let found = match timeout(WITHIN, connect()).await {
            Ok(found) => found.map_err(|error| refused(&error))?,
            Err(_) => {
                return Err(Fault::new(FaultKind::NoAnswer, "the session bus did not answer within 250ms"));
            }
        };
        Ok(session.insert(found).clone())
    }
}

impl Shown {
    /// Waits until its button is pressed, or it is gone; whether it was pressed. Whoever holds this waits again.
    pub async fn pressed(&mut self) -> bool {
        while let Some(Ok(signal)) = self.signals.next().await {
            let (header, body) = (signal.header(), signal.body());
            // Whoever is on the bus can say that a button was pressed; only who drew it is believed.
            if header.sender().map(zbus::names::UniqueName::as_str)
                != self.server.as_ref().map(|it| it.name.as_str())
            {
                continue;
            }
            match header.member().map(zbus::names::MemberName::as_str) {
                Some("ActionInvoked") => match body.deserialize::<(u32, String)>() {
                    Ok((id, key)) if id == self.id && key == ACKNOWLEDGE => return true,
                    _ => {}
                },
                Some("NotificationClosed") => match body.deserialize::<(u32, u32)>() {
                    Ok((id, _)) if id == self.id => return false,
                    _ => {}
                },
                _ => {}
            }
        }
        false
    }
}

/// Takes a popup away from the very server that showed it: who serves by now may have given its number to another's. One
/// of another bus is gone with that.
async fn close(bus: &Connection, server: &Server, id: u32) {
    if server.bus != *bus.server_guid() {
        return;
    }
    let closing = bus.call_method(Some(server.name.as_str()), PATH, Some(NAME), "CloseNotification", &id);
    // One that is gone already is refused, which is as well.
    drop(timeout(WITHIN, closing).await);
}

fn named(bus: &Connection, name: &str) -> Server {
    Server { bus: bus.server_guid().clone(), name: name.to_owned() }
}

/// Who the notification server is now.
async fn owner(bus: &Connection) -> Option<Server> {
    const BUS: &str = "org.freedesktop.DBus";
    let answer = bus.call_method(Some(BUS), "/org/freedesktop/DBus", Some(BUS), "GetNameOwner", &NAME).await;
    let name: String = answer.ok()?.body().deserialize().ok()?;
    Some(named(bus, &name))
}

async fn connect() -> zbus::Result<Session> {
    let bus = Connection::session().await?;
    let answer = bus.call_method(Some(NAME), PATH, Some(NAME), "GetCapabilities", &()).await?;
    let able: Vec<String> = answer.body().deserialize()?;
    let has = |capability: &str| able.iter().any(|it| it == capability);
    Ok(Session { reads_markup: has("body-markup"), has_buttons: has("actions"), bus })
}

fn refused(error: &zbus::Error) -> Fault {
    let error = error.to_string();
    let detail = if error.contains("org.freedesktop.DBus.Error.ServiceUnknown") {
        "no notification server is on the session bus; start the one of your desktop, dunst or mako say"
            .to_owned()
    } else {
        format!("the session bus shows no notifications: {error}")
    };
    Fault::new(FaultKind::Unreachable, detail)
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::IncidentId;
    use crate::domain::text::Outside;

    /// The clock is the test's own, and goes on only while nothing else does.
    #[tokio::test(start_paused = true)]
    async fn a_desktop_that_hangs_after_its_first_answer_is_waited_for_no_longer_than_for_that() {
        let (ours, _hung) = tokio::net::UnixStream::pair().unwrap();
        let guid = "0123456789abcdef0123456789abcdef";
        let bus = zbus::connection::Builder::authenticated_socket(ours, guid).unwrap().build().await.unwrap();
        let desktop = Arc::new(Desktop::default());
        *desktop.session.lock().await = Some(Session { bus, reads_markup: false, has_buttons: true });
        let began = tokio::time::Instant::now();
        let popup = Popup::plain(Outside::new("NEW").safe(), Outside::new("down").safe());
        let unseen = desktop.show(&popup).await.err().unwrap();
        assert_eq!((unseen.fault.kind, unseen.late.is_some()), (FaultKind::NoAnswer, true));
        // A clock of tokio counts whole milliseconds, and wakes at the next one.
        assert!(began.elapsed() <= Duration::from_millis(251), "{:?}", began.elapsed());
    }

    #[test]
    fn of_what_is_shown_late_in_one_place_the_newest_stays() {
        let desktop = Desktop::default();
        let server = Server {
            bus: zbus::Guid::try_from("0123456789abcdef0123456789abcdef").unwrap().into(),
            name: ":1.7".into(),
        };
        let place = Some(Place { incident: IncidentId::new("ANA", 7), waits: true });
        let shown = |id, nth| {
            let known = Known { place: place.clone(), id, server: Some(server.clone()), nth };
            let (is_newest, others) = desktop.place(known);
            (is_newest, others.into_iter().map(|(id, _)| id).collect::<Vec<_>>())
        };
        assert_eq!(shown(1, 1), (true, vec![]));
        assert_eq!(shown(1, 2), (true, vec![]), "it took the place of that");
        assert_eq!(shown(2, 4), (true, vec![1]), "that could not be replaced, its number was not known");
        assert_eq!(shown(3, 3), (false, vec![3]), "it came after one that was asked for later");
        assert_eq!(desktop.known().iter().map(|it| it.id).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn markup_becomes_text() {
        let text = "<a href=\"x\">b & 'c'</a>";
        assert_eq!(escape(text), "&lt;a href=&quot;x&quot;&gt;b &amp; &apos;c&apos;&lt;/a&gt;");
    }
}
