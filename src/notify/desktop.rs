//! Popups of the desktop, over the session bus.

use std::time::Duration;

use notify_rust::Notification;
use tokio::sync::OnceCell;

use super::Popup;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::text::SafeText;

/// How long the bus may take to say what its notification server can do.
const BUS_WITHIN: Duration = Duration::from_millis(250);
/// How long it may take to show a popup.
const SHOW_WITHIN: Duration = Duration::from_secs(2);

/// The desktop's notification server.
#[derive(Debug, Default)]
pub struct Desktop {
    reads_markup: OnceCell<bool>,
}

impl Desktop {
    /// Asks the notification server what it can do, which shows nothing.
    ///
    /// # Errors
    /// Why no popup would be shown: no bus, no server, or no answer in time.
    pub async fn test(&self) -> Result<(), Fault> {
        self.reads_markup.get_or_try_init(reads_markup).await.map(|_| ())
    }

    /// Shows a popup.
    ///
    /// # Errors
    /// Why it was not shown: no bus, no server, or no answer in time.
    pub async fn show(&self, popup: &Popup) -> Result<(), Fault> {
        let reads_markup = *self.reads_markup.get_or_try_init(reads_markup).await?;
        let body = if reads_markup { escape(&popup.body) } else { popup.body.to_string() };
        let mut notification = Notification::new();
        notification.appname("quell").summary(&popup.title).body(&body);
        #[cfg(all(unix, not(target_os = "macos")))]
        notification.urgency(if popup.critical {
            notify_rust::Urgency::Critical
        } else {
            notify_rust::Urgency::Normal
        });
        match tokio::time::timeout(SHOW_WITHIN, notification.show_async()).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(refused(&error)),
            Err(_) => Err(Fault::new(FaultKind::NoAnswer, "the desktop did not answer within 2s")),
        }
    }
}

/// Whether the server reads markup in a body.
#[cfg(all(unix, not(target_os = "macos")))]
async fn reads_markup() -> Result<bool, Fault> {
    let (tell, told) = tokio::sync::oneshot::channel();
    // The call blocks, for ever if the bus is silent: it gets a thread that nobody waits for.
    crate::os::spawn::thread("desktop", move || tell.send(notify_rust::get_capabilities()).ok())
        .map_err(|error| Fault::new(FaultKind::Local, format!("no thread for the desktop: {error}")))?;
    match tokio::time::timeout(BUS_WITHIN, told).await {
        Ok(Ok(Ok(capabilities))) => Ok(capabilities.iter().any(|capability| capability == "body-markup")),
        Ok(Ok(Err(error))) => Err(refused(&error)),
        _ => Err(Fault::new(FaultKind::NoAnswer, "the session bus did not answer within 250ms")),
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
async fn reads_markup() -> Result<bool, Fault> {
    Ok(false)
}

fn refused(error: &notify_rust::error::Error) -> Fault {
    let error = error.to_string();
    // The library keeps the bus's own errors to itself; this is the name the bus gives them.
    let detail = if error.contains("org.freedesktop.DBus.Error.ServiceUnknown") {
        "no notification server is on the session bus".to_owned()
    } else {
        format!("the session bus shows no notifications: {error}")
    };
    Fault::new(FaultKind::Unreachable, detail)
}

fn escape(text: &SafeText) -> String {
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
    use crate::domain::text::Outside;

    #[test]
    fn markup_becomes_text() {
        let text = Outside::new("<a href=\"x\">b & 'c'</a>").safe();
        assert_eq!(escape(&text), "&lt;a href=&quot;x&quot;&gt;b &amp; &apos;c&apos;&lt;/a&gt;");
    }
}
