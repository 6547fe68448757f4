//! Where a link leads, in full, before it is opened.

use super::prompt::{Sheet, below};
use super::{Page, Role, own, pair, wrapped};
use crate::console::links::ShownLink;
use crate::console::model::Model;
use crate::domain::text::Outside;

/// The sheet.
pub fn sheet(model: &Model, asked: &ShownLink, cols: u16) -> Sheet {
    let mut body: Page = wrapped(Role::Strong, " ", &Outside::new(asked.link.url()).exact(), cols);
    body.extend(pair("Host", Role::Plain, &own(asked.link.host()), cols));
    if let Some((title, of)) = &asked.whose {
        let said = format!("{}, one of {of} signals; others lead elsewhere", title.safe());
        body.extend(pair("Signal", Role::Plain, &said, cols));
    }
    if let Some(odd) = asked.link.oddity() {
        body.extend(wrapped(Role::Warn, " ", odd, cols));
    }
    let ask = match &model.settings.opener {
        Some(opener) => format!("Enter opens it with {}, y copies it. Esc leaves it.", own(opener)),
        None => "No display is here: Enter copies it to your terminal's clipboard.".to_owned(),
    };
    let nudge = asked.guard.nudge.as_ref();
    let said = nudge.map(|nudge| wrapped(Role::Bad, " ", &own(nudge), cols)).unwrap_or_default();
    let foot = below(model, wrapped(Role::Plain, " ", &ask, cols), None, said, cols);
    let title = format!("{}: open its {}", asked.id, asked.aim.word());
    Sheet { title, head: 0, body, foot, top: asked.guard.top, grave: false }
}
