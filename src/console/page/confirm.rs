//! A plan as the person confirms it: literally, in the profile in which different texts never look the same.

use super::{Line, Page, Role, field, furthest, gap, moment, own, pair, wrapped};
use crate::console::layout::{self, Regions};
use crate::console::model::Model;
use crate::console::page::prompt::Sheet;
use crate::console::prompt::{Confirm, Prompt, Twice};
use crate::domain::action::Verb;
use crate::domain::plan::{HttpRequest, Plan, Program, Publication, Request, Telling};
use crate::domain::text::Outside;
use crate::domain::time::{Time, age};

/// The sheet of a plan that waits for its final Enter.
pub fn sheet(model: &Model, confirm: &Confirm, cols: u16, now: Time) -> Sheet {
    let title = format!("{} {} ── {}", confirm.plan.verb.word(), confirm.id, own(&confirm.plan.title));
    let body = match (confirm.differences.as_slice(), confirm.twice) {
        ([], Twice::Asked) => twice(confirm, cols),
        ([], _) => plan(model, confirm, cols, now),
        (differences, _) => {
            let mut out = vec![Line::of(Role::Bad, " DISARMED: what this plan was made on has changed")];
            out.extend(differences.iter().flat_map(|line| wrapped(Role::Strong, "   ", &own(line), cols)));
            out.push(gap());
            out.push(Line::of(Role::Plain, " Nothing was sent. Enter makes a new plan, Esc leaves it."));
            out
        }
    };
    Sheet { title, body, foot: foot(confirm, cols), top: confirm.top, grave: true }
}

/// How many lines the plan has, and in how many rows it is shown.
pub fn extent(model: &Model, regions: &Regions, now: Time) -> (usize, u16) {
    let Some(Prompt::Confirm(confirm)) = &model.prompt else { return (0, 0) };
    let sheet = sheet(model, confirm, regions.body.cols, now);
    let area = layout::sheet(regions, sheet.body.len() + sheet.foot.len());
    let foot = u16::try_from(sheet.foot.len()).unwrap_or(u16::MAX);
    (sheet.body.len(), area.rows.saturating_sub(1).saturating_sub(foot))
}

/// Whether more of the plan is below what is shown.
pub fn has_more(model: &Model, regions: &Regions, now: Time) -> bool {
    let (lines, rows) = extent(model, regions, now);
    matches!(&model.prompt, Some(Prompt::Confirm(confirm)) if confirm.top < furthest(lines, rows))
}

fn exact(text: &str) -> String {
    Outside::new(text).exact().to_string()
}

fn plan(model: &Model, confirm: &Confirm, cols: u16, now: Time) -> Page {
    let plan = &confirm.plan;
    let incident = model.board.get(&confirm.id);
    let mut out = Page::new();
    if let Some(incident) = incident {
        let title = format!("{} {}", incident.severity.word(), incident.title().safe());
        out.extend(pair("Incident", Role::Plain, &title, cols));
    }
    out.extend(pair("Does", Role::Strong, &own(&plan.blast), cols));
    match &plan.request {
        Request::Http(request) => {
            out.extend(values(plan, cols));
            out.extend(http(request, cols));
        }
        Request::Exec(program) => {
            out.extend(values(plan, cols));
            out.extend(run(program, cols));
        }
        Request::Tell(telling) => out.extend(tell(telling, cols)),
        Request::Publish(publication) => out.extend(publish(publication, cols)),
    }
    out.extend(record(plan, cols));
    for capture in &plan.before {
        let text = format!(
            "{} is kept, from {} within {}",
            exact(&capture.name),
            capture.read.line(),
            capture.within
        );
        out.extend(pair("Before", Role::Plain, &text, cols));
    }
    match &plan.verify {
        Some(verify) => {
            let expect = verify.expect.iter();
            let expect: Vec<String> =
                expect.map(|(at, value)| format!("{} = {}", exact(at), exact(&value.to_string()))).collect();
            let proof =
                if expect.is_empty() { "succeeds".to_owned() } else { format!("says {}", expect.join(", ")) };
            let words = format!("{} {proof} within {}", verify.read.line(), verify.within);
            out.extend(pair("Verified", Role::Plain, &words, cols));
        }
        None if matches!(plan.request, Request::Http(_) | Request::Exec(_)) => {
            out.extend(pair("Verified", Role::Warn, "not at all: nothing reads the effect back", cols));
        }
        None => {}
    }
    match (&plan.undone_by, &plan.verb) {
        (Some(how), _) => out.extend(pair("Undo", Role::Plain, &exact(how), cols)),
        (None, Verb::Contain { .. }) => {
            out.extend(pair("Undo", Role::Warn, "cannot be undone from here", cols));
        }
        (None, _) => {}
    }
    if !plan.basis.earlier.is_empty() {
        let earlier = plan.basis.earlier.iter().map(|(id, stage)| format!("#{id} {}", stage.word()));
        out.extend(pair("Earlier", Role::Warn, &earlier.collect::<Vec<_>>().join(", "), cols));
    }
    for cap in &plan.caps {
        out.extend(pair("Cap", Role::Plain, &own(cap), cols));
    }
    for why in &plan.approval_because {
        out.extend(pair("Approval", Role::Warn, &own(why), cols));
    }
    for warning in &plan.warnings {
        out.extend(pair("Warning", Role::Warn, &own(warning), cols));
    }
    let made = format!("plan {} made {}", exact(plan.hash.short()), moment(plan.made_at, now));
    match incident.and_then(|incident| Some((incident, model.board.as_of(incident)?))) {
        Some((incident, as_of)) => {
            let stale = model.board.is_stale(incident, now);
            let word = if stale { ", STALE" } else { "" };
            let text = format!("as of {}, {} old{word}; {made}", moment(as_of, now), age(as_of, now));
            out.extend(pair("Alerts", if stale { Role::Warn } else { Role::Dim }, &text, cols));
        }
        None => out.extend(pair("Made", Role::Dim, &made, cols)),
    }
    out
}

fn values(plan: &Plan, cols: u16) -> Page {
    let target = plan.target.as_ref().map(|(name, _)| name);
    let mut out = Page::new();
    for (name, value) in &plan.parameters {
        let head = if target == Some(name) { "Target" } else { "Value" };
        let role = if value.origin.is_trusted() { Role::Plain } else { Role::Warn };
        let origin = value.origin.words().to_string();
        let said = format!("{} = {}", exact(name), value.value.exact());
        let mut lines = pair(head, Role::Strong, &said, cols);
        let fits = lines.len() == 1 && 11 + said.len() + 3 + origin.len() <= usize::from(cols);
        match lines.pop() {
            Some(line) if fits => lines.push(line.and(role, format!("   {origin}"))),
            Some(line) => {
                lines.push(line);
                lines.extend(pair("", role, &origin, cols));
            }
            None => {}
        }
        out.extend(lines);
    }
    out
}

fn http(request: &HttpRequest, cols: u16) -> Page {
    let line = format!("{} {}", exact(&request.method), exact(&request.url));
    let mut out = pair("Request", Role::Strong, &line, cols);
    for (name, value) in &request.headers {
        out.extend(pair("", Role::Plain, &format!("{}: {}", exact(name), exact(value)), cols));
    }
    out.extend(pair("", Role::Dim, &format!("credentials of api {}: ••••", exact(&request.api)), cols));
    if let Some(body) = &request.body {
        out.extend(pair("Body", Role::Plain, &exact(body), cols));
    }
    out
}

fn run(program: &Program, cols: u16) -> Page {
    let mut out = Page::new();
    for (place, part) in program.argv.iter().enumerate() {
        let (head, role) = if place == 0 { ("Runs", Role::Strong) } else { ("", Role::Plain) };
        out.extend(pair(head, role, &exact(part), cols));
    }
    for line in program.terms() {
        out.extend(pair("", Role::Dim, &line, cols));
    }
    out
}

fn tell(telling: &Telling, cols: u16) -> Page {
    let to: Vec<String> = telling.to.iter().map(|name| exact(name)).collect();
    let mut out = pair(
        "To",
        Role::Strong,
        &format!("{} (step {} of {})", to.join(", "), telling.step, exact(&telling.path)),
        cols,
    );
    out.extend(pair("Subject", Role::Plain, &telling.subject.exact(), cols));
    for (name, value) in &telling.packet {
        let head = format!("   {:<20} ", own(name));
        match value {
            Some(value) => out.extend(wrapped(Role::Plain, &head, &value.exact(), cols)),
            None => out.extend(wrapped(Role::Dim, &head, "not yet known", cols)),
        }
    }
    out.extend(pair("Key", Role::Dim, &exact(&telling.key), cols));
    out
}

/// Every posting, to the letter.
fn publish(publication: &Publication, cols: u16) -> Page {
    let mut out = Page::new();
    for posting in &publication.postings {
        out.extend(pair("On", Role::Strong, &exact(&posting.channel), cols));
        out.extend(pair("Subject", Role::Plain, &posting.subject.exact(), cols));
        for line in posting.body.lines(200) {
            out.extend(wrapped(Role::Plain, "   ", &line, cols));
        }
    }
    out
}

/// The target's own record, as it was read for this plan.
fn record(plan: &Plan, cols: u16) -> Page {
    let Some(look_up) = &plan.look_up else { return Page::new() };
    if let Some(why) = &look_up.unverified {
        return pair("Record", Role::Warn, &format!("target not verified: {}", why.exact()), cols);
    }
    let shown: Vec<String> =
        look_up.shown.iter().map(|(at, value)| format!("{} = {}", exact(at), value.exact())).collect();
    pair("Record", Role::Good, &shown.join(", "), cols)
}

fn twice(confirm: &Confirm, cols: u16) -> Page {
    let unknown = confirm.plan.basis.earlier.iter().filter(|(_, stage)| stage.is_open());
    let names: Vec<String> = unknown.map(|(id, stage)| format!("#{id} is {}", stage.word())).collect();
    let text = format!("{} on this very target. It may have been done already.", names.join(", "));
    let mut out = vec![Line::of(Role::Bad, " THIS MAY HAPPEN TWICE")];
    out.extend(wrapped(Role::Strong, " ", &text, cols));
    let key = if confirm.plan.idempotent {
        "The same key is sent again; the other side says it recognises repeats."
    } else {
        "Nothing says that the other side recognises a repeat."
    };
    out.extend(wrapped(Role::Plain, " ", key, cols));
    out
}

/// Always as many lines, so that nothing moves while it is read.
fn foot(confirm: &Confirm, cols: u16) -> Page {
    if !confirm.differences.is_empty() {
        return Page::new();
    }
    let word = confirm.plan.verb.word();
    // Every line of it: what is asked must be seen whole on the narrowest screen.
    let strong = |text: String| wrapped(Role::Strong, " ", &text, cols);
    let (ask, input) = match (confirm.plan.typed_target(), &confirm.target) {
        _ if confirm.twice == Twice::Asked => {
            (strong(format!("Enter to {word} all the same, Esc to leave it.")), None)
        }
        (Some(wanted), Some(typed)) => {
            let ask = format!("Type {} and press Enter to {word}:", wanted.exact());
            (strong(ask), Some(field(" > ", typed, true)))
        }
        _ => {
            let esc = if confirm.back.is_some() { "goes back to the form" } else { "leaves it undone" };
            (strong(format!("Press Enter to {word}. Esc {esc}.")), None)
        }
    };
    let state = match (&confirm.nudge, confirm.sent) {
        (_, true) => Line::of(Role::Warn, " writing it down, then sending…"),
        (Some(nudge), false) => Line::of(Role::Bad, format!(" {}", own(nudge))),
        (None, false) => gap(),
    };
    let mut out = ask;
    out.extend(input);
    out.push(state);
    out
}
