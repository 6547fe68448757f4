//! What is asked, as a sheet over the bottom of the screen.

use super::fields::{caret, own_or_empty, throw_away};
use super::{
    Line, Page, Role, agree, bulk, bulletin, confirm, cut, escalation, fill, finder, furthest, gap, gates,
    leave, lesson, line, links, moment, own, parameters, report, roles, shown, snooze, wrapped,
};
use crate::console::bulletin::Face;
use crate::console::guard::Guard;
use crate::console::layout::{self, Regions};
use crate::console::marks::ends_by_itself;
use crate::console::model::Model;
use crate::console::prompt::{Asks, Awaited, Change, Choice, Choose, Picked, Prompt, Text};
use crate::domain::action::Verb;
use crate::domain::phase::Phase;
use crate::domain::tie::Seen;
use crate::domain::time::Time;

/// From here on nothing of a list is cut.
pub(super) const TALL: u16 = 36;

/// What is asked: a title, lines that scroll, and lines that do not.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// What it is about; names the incident it acts on.
    pub title: String,
    /// So many lines of the body stay at its top, where that leaves room to read the rest.
    pub head: usize,
    /// Scrolls.
    pub body: Page,
    /// Stays.
    pub foot: Page,
    /// Lines of the body scrolled away.
    pub top: u16,
    /// It can change the world.
    pub grave: bool,
}

impl Sheet {
    /// How many lines scroll, and in how many rows.
    pub fn extent(&self, regions: &Regions) -> (usize, u16) {
        let area = layout::sheet(regions, self.body.len() + self.foot.len());
        let foot = u16::try_from(self.foot.len()).unwrap_or(u16::MAX);
        let rows = area.rows.saturating_sub(1).saturating_sub(foot);
        let head = u16::try_from(self.head).unwrap_or(u16::MAX);
        let head = if head <= rows / 2 { head } else { 0 };
        (self.body.len().saturating_sub(usize::from(head)), rows - head)
    }
}

/// The most lines that can be scrolled away of what is asked, where it is a page that is read, and in how many rows.
pub fn furthest_top(model: &Model, regions: &Regions, now: Time) -> Option<(u16, u16)> {
    let asked = model.prompt.as_ref()?;
    let is_read = match asked {
        Prompt::Shown(_) | Prompt::Choose(_) => true,
        Prompt::Bulletin(form) => form.face != Face::Form,
        _ => asked.guard().is_some(),
    };
    if !is_read {
        return None;
    }
    let sheet = sheet(model, regions.body.cols, now)?;
    let (lines, rows) = sheet.extent(regions);
    let most = furthest(lines, rows);
    let most = match asked {
        // It is scrolled on from where the highlighted choice is seen.
        Prompt::Choose(asked) => most.saturating_sub(sheet.top.saturating_sub(asked.down)),
        _ => most,
    };
    Some((most, rows))
}

/// The sheet of what is asked, if something is. Words for the ledger have a line of their own.
pub fn sheet(model: &Model, cols: u16, now: Time) -> Option<Sheet> {
    let prompt = model.prompt.as_ref()?;
    let mut sheet = asked(model, prompt, cols, now)?;
    if model.means_all_marked() && is_of_one(prompt) {
        sheet.title.push_str(&alone(model));
    }
    Some(sheet)
}

/// That what is asked is about the selected one, where others are marked.
pub(super) fn alone(model: &Model) -> String {
    match model.marks.ids.iter().filter(|id| Some(*id) != model.selected_id()).count() {
        0 => String::new(),
        others => format!(" ── this one, not the {others} marked"),
    }
}

/// Whether it is about the selected incident whatever is marked.
fn is_of_one(prompt: &Prompt) -> bool {
    match prompt {
        Prompt::Text(text) => text.together.is_empty(),
        Prompt::Fill(_) | Prompt::Gates(_) | Prompt::Roles(_) | Prompt::Lesson(_) => true,
        Prompt::Bulletin(_) | Prompt::Escalation(_) => true,
        _ => false,
    }
}

fn asked(model: &Model, prompt: &Prompt, cols: u16, now: Time) -> Option<Sheet> {
    let plain =
        |title: String, body: Page, foot: Page| Sheet { title, head: 0, body, foot, top: 0, grave: false };
    Some(match prompt {
        Prompt::Confirm(asked) => confirm::sheet(model, asked, cols, now),
        Prompt::Shown(asked) => shown::sheet(model, asked, cols, now),
        Prompt::Bulk(asked) => bulk::sheet(model, asked, cols),
        Prompt::Link(asked) => links::sheet(model, asked, cols),
        Prompt::Agree(asked) => agree::sheet(model, asked, cols, now),
        Prompt::Lesson(form) => lesson::sheet(model, form, cols, now),
        Prompt::OfferWatch { field: typed, error } => {
            let mut foot = vec![caret(" > ", typed, cols)];
            foot.extend(self::error(error.clone(), cols));
            let says = "The card goes with it. Until they take it, all of it stays with you; then what you hold and the roles you play are theirs.";
            let mut body = wrapped(Role::Dim, " ", says, cols);
            if let Some(offer) = model.offered_by_me() {
                let (to, since) = (own(&offer.to), moment(offer.at, now));
                let stands = format!(
                    "It is offered to {to} since {since}, not yet taken: another name replaces that, - takes it back."
                );
                body.splice(0..0, wrapped(Role::Warn, " ! ", &stands, cols));
            }
            plain("offer the watch ── to whom?".to_owned(), body, foot)
        }
        Prompt::Text(text) => {
            let (title, body, foot) = self::text(model, text, cols, now);
            plain(title, body, foot)
        }
        Prompt::Choose(asked) => choose(model, asked, cols, now),
        Prompt::Fill(asked) => fill::sheet(model, asked, cols),
        Prompt::Gates(asked) => gates::sheet(model, asked, cols, now),
        Prompt::Roles(asked) => roles::sheet(model, asked, cols, now),
        Prompt::Line(asked) => line::sheet(model, asked, cols, now),
        Prompt::Form(form) => parameters::sheet(model, form, cols),
        Prompt::Bulletin(form) => bulletin::sheet(model, form, cols, now),
        Prompt::Escalation(form) => escalation::sheet(model, form, cols, now),
        Prompt::Report(form) => report::sheet(model, form, cols),
        Prompt::Waiting(waiting) => {
            let what = match &waiting.what {
                Awaited::Applicable(_) => "asking what can be done…",
                Awaited::Plan(Verb::Escalate { .. } | Verb::Publish { .. })
                | Awaited::Preview(Verb::Escalate { .. } | Verb::Publish { .. }) => "making the plan…",
                Awaited::Plan(_) | Awaited::Preview(_) => "making the plan; reading the target's own record…",
            };
            plain(waiting.id.to_string(), vec![Line::of(Role::Dim, format!(" {what}"))], Page::new())
        }
        Prompt::TakeOver { id, owner, .. } => {
            let asks = format!("{} holds it. Take it over?", own(owner));
            let body = wrapped(Role::Strong, " ", &asks, cols);
            plain(
                format!("acknowledge {id}"),
                body,
                vec![Line::of(Role::Plain, " Enter takes it over, Esc leaves it with them.")],
            )
        }
        Prompt::Explain { id, place, reasons } => {
            let line =
                |(n, reason): (u32, &String)| wrapped(Role::Plain, &format!(" {n}. "), &own(reason), cols);
            let decides = Some(place).filter(|place| !place.is_empty());
            let decides = decides.map(|place| wrapped(Role::Strong, " ", &own(place), cols));
            plain(
                format!("why {id} stands where it stands"),
                decides.into_iter().flatten().chain((1..).zip(reasons).flat_map(line)).collect(),
                vec![Line::of(Role::Dim, " any key goes back")],
            )
        }
        Prompt::Leave { leaving, .. } => leave::sheet(model, leaving, cols),
        Prompt::Filter { field, error, chosen, .. } => {
            finder::sheet(model, field, error.as_ref(), chosen.as_deref(), cols)
        }
        Prompt::Find(_) | Prompt::Seek { .. } => return None,
    })
}

/// What stays below a page that is read: what is asked, what is typed, and why the last Enter did not count. Where that
/// would hide the page, a line of it stays in sight, and what is asked gives way to why.
pub(super) fn below(model: &Model, ask: Page, typed: Option<Line>, said: Page, cols: u16) -> Page {
    let room = layout::regions(model.size).map_or(0, |regions| usize::from(regions.body.rows) - 1);
    let typing = usize::from(typed.is_some());
    if ask.len() + typing + said.len().max(1) > room {
        let first = if said.is_empty() { ask } else { said };
        return cut(first, (room - typing).max(1), cols).into_iter().chain(typed).collect();
    }
    let said = if said.is_empty() { vec![gap()] } else { said };
    ask.into_iter().chain(typed).chain(said).collect()
}

/// What is asked below a page that is read: while Enter does not count, that its end comes first, in as many lines, so
/// that nothing moves.
pub(super) fn once_read(guard: &Guard, ask: &str, shown: impl Fn(&str) -> Page) -> Page {
    let asked = shown(ask);
    if guard.read || guard.sent {
        return asked;
    }
    let brief = ask.split_once(". ").map_or(ask.to_owned(), |(brief, _)| format!("{brief}."));
    let first = ["read to the end, then", "read on, then"].into_iter();
    let first = first.flat_map(|first| [ask, &brief].map(|ask| shown(&format!("{first} {ask}"))));
    let mut first = first.into_iter().find(|first| first.len() <= asked.len());
    if let Some(first) = &mut first {
        first.resize(asked.len(), gap());
    }
    first.unwrap_or(asked)
}

/// Always one line, so that nothing moves when something is wrong.
pub(super) fn error(error: Option<String>, cols: u16) -> Page {
    match error {
        Some(error) => wrapped(Role::Bad, " ", &error, cols),
        None => vec![gap()],
    }
}

/// Of so many that are marked the ids are named.
const NAMED: usize = 12;
/// Of so many it is said why they stay.
const STAYING: usize = 3;

fn named(all: &[Seen]) -> String {
    let ids = all.iter().take(NAMED).map(|seen| seen.id.to_string()).collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => ids,
        more => format!("{ids} and {more} more"),
    }
}

fn text(model: &Model, text: &Text, cols: u16, now: Time) -> (String, Page, Page) {
    let id = match text.together.as_slice() {
        [] => text.id.to_string(),
        [one] => one.id.to_string(),
        all => format!("all {} that are marked", all.len()),
    };
    let about = match text.together.as_slice() {
        all @ [_, _, ..] => named(all),
        _ => model.board.get(&text.id).map(|it| it.title().safe().to_string()).unwrap_or_default(),
    };
    let most = if model.size.rows < TALL { 2 } else { 6 };
    let mut body = cut(wrapped(Role::Dim, " ", &about, cols), most, cols);
    let title = match &text.asks {
        Asks::Note => {
            let says = "\"hypothesis: …\" says what you suspect: it stands on the hand-over card, as after :hypothesis";
            body.extend(cut(wrapped(Role::Dim, " ", says, cols), 2, cols));
            format!("note on {id}")
        }
        Asks::Mitigation => {
            body.push(Line::of(Role::Dim, " what was done to make it better?"));
            format!("mitigation of {id}")
        }
        Asks::NothingToContain => {
            body.push(Line::of(Role::Dim, " why does nothing need to be contained?"));
            format!("no containment for {id}")
        }
        Asks::Keeping { action, what } => {
            body.extend(wrapped(Role::Warn, " ", &format!("#{action} {} stays in force", own(what)), cols));
            body.push(Line::of(Role::Dim, " why, and until when?"));
            format!("keep #{action} of {id}")
        }
        Asks::HandingBack => {
            body.extend(wrapped(
                Role::Warn,
                " ",
                "nobody will hold it: whoever is next on its paths is told at once",
                cols,
            ));
            body.push(Line::of(Role::Dim, " a word on why; may stay empty"));
            format!("hand {id} back")
        }
        Asks::Snoozing(span) => {
            let of = text.all();
            let (title, says) = snooze::asked(model, *span, &of);
            body.extend(wrapped(Role::Dim, " ", &says, cols));
            let pages = snooze::pages(model, &of, now);
            body.extend(pages.map(|pages| wrapped(Role::Warn, " ", &pages, cols)).unwrap_or_default());
            title
        }
        Asks::Change(change) => {
            let (what, from, to) = match change {
                Change::Severity(from, to) => ("severity", from.word(), to.word()),
                Change::Category(from, to) => ("category", from.word(), to.word()),
            };
            body.push(Line::of(Role::Strong, format!(" {what}: {from} → {to}")));
            body.extend(wrapped(Role::Dim, " ", "that is how it stands: why does it change?", cols));
            format!("{what} of {id}")
        }
        Asks::Waiver { to, missing, .. } => {
            body.extend(wrapped(Role::Warn, " missing: ", &missing.join(", "), cols));
            body.extend(wrapped(Role::Dim, " ", "write why that is waived, or Esc and do it first", cols));
            match to {
                Phase::Review => format!("resolve {id} all the same"),
                Phase::Closed => format!("end the review of {id} all the same"),
                to => format!("move {id} to {} all the same", to.title()),
            }
        }
        Asks::Closing { reason, required } => {
            match required {
                Some(why) => body.extend(wrapped(Role::Warn, " ", &own(why), cols)),
                None => body.push(Line::of(Role::Dim, " a word on why; may stay empty")),
            }
            let of = text.together.iter().filter_map(|seen| model.board.get(&seen.id));
            let mut stay = of.filter_map(|it| ends_by_itself(it, &model.settings.operator));
            for stays in stay.by_ref().take(STAYING) {
                body.extend(wrapped(Role::Warn, " stays ", &stays, cols));
            }
            match stay.count() {
                0 => {}
                more => body.push(Line::of(Role::Warn, format!(" and {more} more stay"))),
            }
            format!("close {id}: {}", reason.word())
        }
        Asks::Settlement { action, what, done } => {
            let word = if *done { "was done" } else { "was NOT done, and will not be" };
            body.extend(wrapped(Role::Warn, " ", &format!("#{action} {} {word}", own(what)), cols));
            let undo = model.board.get(&text.id).and_then(|it| it.actions.get(action)).filter(|_| *done);
            let ends = undo.into_iter().flat_map(|undo| undo.plan.ends_by(true));
            let also: Vec<String> = ends.map(|it| it.place(&text.id)).collect();
            if !also.is_empty() {
                body.extend(wrapped(Role::Warn, " undone with it: ", &also.join(", "), cols));
            }
            body.push(Line::of(Role::Dim, " what did you find out, and how?"));
            format!("settle {id} #{action} by hand")
        }
        Asks::Posting { number, channel, posted } => {
            let word = if *posted { "was posted" } else { "was NOT posted" };
            body.extend(wrapped(
                Role::Warn,
                " ",
                &format!("bulletin {number} on {} {word}", own(channel)),
                cols,
            ));
            body.push(Line::of(Role::Dim, " what did you find there, and how?"));
            format!("settle bulletin {number} of {id} by hand")
        }
    };
    let mut foot = vec![caret(" > ", &text.field, cols)];
    foot.extend(if text.leaving { throw_away(cols) } else { error(text.error.clone(), cols) });
    (title, body, foot)
}

fn choose(model: &Model, choose: &Choose, cols: u16, now: Time) -> Sheet {
    let widest = choose.choices.iter().map(|choice| own(&choice.title).width()).max().unwrap_or(0);
    // Long names have a line of their own, and what they mean stands below.
    let stacked = widest > usize::from(cols) / 3;
    let short = model.size.rows < TALL;
    let mut body = Page::new();
    let mut marked = 0;
    for (place, choice) in choose.choices.iter().enumerate() {
        let here = place == choose.at;
        let mark = if here { " ▶ " } else { "   " };
        let role = if choice.barred.is_some() { Role::Dim } else { Role::Plain };
        let says = choice.barred.as_ref().map_or(choice.says.clone(), |why| format!("cannot: {why}"));
        let says = own_or_empty(&says);
        let lines = if stacked {
            let mut lines = wrapped(role, mark, &own(&choice.title), cols);
            let below = wrapped(Role::Dim, "     ", &says, cols);
            // Where room is short, what cannot be taken says why in one line; Enter says it in full.
            let most = if choice.barred.is_some() && short { 1 } else { below.len() };
            lines.extend(cut(below, most, cols));
            lines
        } else {
            wrapped(role, &format!("{mark}{:<widest$}  ", own(&choice.title)), &says, cols)
        };
        let above = body.len();
        body.extend(lines.into_iter().map(|line| if here { line.in_role(Role::Chosen) } else { line }));
        if here {
            marked = above;
        }
    }
    // As high for every choice, so that nothing jumps while one is looked for.
    let longest = choose.choices.iter().map(|choice| preview(choice, cols).len()).max().unwrap_or(0);
    let mut more = choose.choices.get(choose.at).map(|choice| preview(choice, cols)).unwrap_or_default();
    more.resize(longest, gap());
    body.extend(more);
    let top = u16::try_from(marked.saturating_sub(4)).unwrap_or(0).saturating_add(choose.down);
    let mut foot = error(choose.error.as_ref().map(|error| own(error).to_string()), cols);
    if let Some(Choice { picked: Picked::Snooze(_), .. }) = choose.choices.first()
        && let Some(pages) = snooze::pages(model, &choose.all(), now).filter(|_| choose.error.is_none())
    {
        foot = cut(wrapped(Role::Warn, " ", &pages, cols), 1, cols);
    }
    let title = match choose.together.len() {
        0 | 1 => format!("{} ── {}", choose.id, choose.title),
        // One of them by itself would read as if it were about that.
        many => {
            let (verb, rest) = choose.title.split_once(' ').unwrap_or((&choose.title, ""));
            format!("{verb} all {many} that are marked {rest}").trim_end().to_owned()
        }
    };
    Sheet { title, head: 0, body, foot, top, grave: false }
}

/// What a choice would send: what is known, and what is not yet.
fn preview(choice: &Choice, cols: u16) -> Page {
    if choice.more.is_empty() {
        return Page::new();
    }
    let mut out = vec![gap(), Line::of(Role::Dim, " goes out with:")];
    for (name, value) in &choice.more {
        let head = format!("   {:<20} ", own(name));
        out.extend(match value {
            Some(value) if !value.is_blank() => wrapped(Role::Plain, &head, &value.safe(), cols),
            _ => vec![Line::of(Role::Dim, head).and(Role::Dim, "not yet known")],
        });
    }
    if let Picked::Verb(_) = choice.picked {
        out.push(Line::of(Role::Dim, " f fills it in; Enter shows the whole message first"));
    }
    out
}
