//! A plan as it is read before it is confirmed: the same lines for the console, the command line and the evidence.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Capture, HttpRequest, Meant, Plan, Program, Publication, Request, Telling, Verify};
use crate::domain::action::Verb;
use crate::domain::text::{Outside, SafeText};

/// What of a plan is said in one line, or in several where it is long. Its texts are exact: two different plans never
/// look the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// How it stands among the others.
    pub shape: Shape,
    /// What it is about; empty when it goes on with the line before.
    pub label: String,
    /// What it says.
    pub text: String,
    /// How much it matters.
    pub weight: Weight,
    /// What is said beside it.
    pub beside: Option<(Weight, String)>,
}

/// How a line stands among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// It says what is hit: it stays when the rest is scrolled.
    Head,
    /// A fact of the plan.
    Fact,
    /// An item of a packet, with its name.
    Item,
    /// A line of a letter.
    Letter,
    /// That a second person is needed: where it is confirmed, the question says so.
    Approval,
}

/// How much a text matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Ordinary.
    Plain,
    /// Less.
    Dim,
    /// More.
    Strong,
    /// It may go wrong.
    Warn,
    /// It is as it should be.
    Good,
}

impl Line {
    fn new(shape: Shape, label: &str, weight: Weight, text: impl Into<String>) -> Self {
        Self { shape, label: label.to_owned(), text: text.into(), weight, beside: None }
    }

    fn fact(label: &str, weight: Weight, text: impl Into<String>) -> Self {
        Self::new(Shape::Fact, label, weight, text)
    }

    fn beside(self, weight: Weight, text: impl Into<String>) -> Self {
        Self { beside: Some((weight, text.into())), ..self }
    }
}

/// Everything a person should see before it is carried out; its hash stands under it, where it is shown.
pub fn lines(plan: &Plan) -> Vec<Line> {
    let mut out = vec![Line::new(Shape::Head, "Does", Weight::Strong, exact(&plan.blast))];
    match &plan.request {
        Request::Http(request) => {
            out.extend(values(plan));
            out.extend(record(plan));
            out.extend(http(request, plan));
        }
        Request::Exec(program) => {
            out.extend(values(plan));
            out.extend(record(plan));
            out.extend(run(program));
        }
        Request::Tell(telling) => out.extend(tell(telling)),
        Request::Publish(publication) => out.extend(publish(publication)),
    }
    out.extend(labelled("Before", &plan.before, |it| Line::fact("", Weight::Plain, before(it))));
    if plan.request.invocation().is_some() {
        out.push(verified(plan.verify.as_ref()));
    }
    match (&plan.undone_by, &plan.verb) {
        (Some(how), _) => out.push(Line::fact("Undo", Weight::Plain, exact(how))),
        (None, Verb::Contain { .. }) => {
            out.push(Line::fact("Undo", Weight::Warn, "cannot be undone from here"));
        }
        (None, _) => {}
    }
    if plan.approvals > 0 {
        let needs = "a second person must approve exactly this plan";
        out.push(Line::new(Shape::Approval, "Approval", Weight::Warn, needs));
        let because = |why: &String| Line::fact("", Weight::Warn, format!("because {}", exact(why)));
        out.extend(labelled("Approval", &plan.approval_because, because));
    }
    if !plan.basis.earlier.is_empty() {
        let earlier = plan.basis.earlier.iter().map(|(id, stage)| format!("#{id} {}", stage.word()));
        out.push(Line::fact("Earlier", Weight::Warn, earlier.collect::<Vec<_>>().join(", ")));
    }
    out.extend(labelled("Cap", &plan.caps, |cap| Line::fact("", Weight::Plain, exact(cap))));
    out.extend(plan.warnings.iter().map(|warning| Line::fact("Warning", Weight::Warn, exact(warning))));
    out.extend(key(plan));
    out
}

/// The plan as plain text, for where nothing is coloured: its title first, its hash last.
pub fn text(plan: &Plan) -> Vec<String> {
    let mut out = vec![format!("{} on {}", exact(&plan.title), plan.basis.incident)];
    out.extend(lines(plan).into_iter().map(|line| {
        let text = match &line.beside {
            Some((_, beside)) => format!("{} ({beside})", line.text),
            None => line.text,
        };
        let shown = match line.shape {
            Shape::Head | Shape::Fact | Shape::Approval => format!("  {:<9} {text}", line.label),
            Shape::Item => format!("    {}: {text}", line.label),
            Shape::Letter => format!("    {text}"),
        };
        shown.trim_end().to_owned()
    }));
    out.push(format!("plan {}", plan.hash.0));
    out
}

fn exact(text: &str) -> String {
    SafeText::exact(text).to_string()
}

/// Lines of which the first one says what they are about.
fn labelled<T>(label: &str, all: &[T], line: impl Fn(&T) -> Line) -> Vec<Line> {
    let mut out: Vec<Line> = all.iter().map(line).collect();
    if let Some(first) = out.first_mut() {
        label.clone_into(&mut first.label);
    }
    out
}

/// Every value with where it comes from, the target's first.
fn values(plan: &Plan) -> Vec<Line> {
    let target = plan.target.as_ref().map(|(name, _)| name);
    let line = |(name, value): (&String, &super::Value)| {
        let weight = if value.origin.is_trusted() { Weight::Plain } else { Weight::Warn };
        let (shape, label) =
            if target == Some(name) { (Shape::Head, "Target") } else { (Shape::Fact, "Value") };
        let said = format!("{} = {}", exact(name), value.value.exact());
        Line::new(shape, label, Weight::Strong, said).beside(weight, value.origin.words().to_string())
    };
    let mut out: Vec<Line> = plan.parameters.iter().map(line).collect();
    out.sort_by_key(|line| line.shape != Shape::Head);
    out
}

/// The target's own record as it was read for this plan, and from where, unless that is where it is read back.
fn record(plan: &Plan) -> Vec<Line> {
    let Some(look_up) = &plan.look_up else { return Vec::new() };
    let says = match &look_up.unverified {
        Some(why) => Line::fact("Record", Weight::Warn, format!("target not verified: {}", why.exact())),
        None => Line::fact("Record", Weight::Good, look_up.words()),
    };
    let read = look_up.read.line();
    let again = plan.verify.as_ref().is_some_and(|verify| verify.read.line() == read);
    let from = (!again).then(|| Line::fact("", Weight::Dim, read));
    std::iter::once(says).chain(from).collect()
}

fn http(request: &HttpRequest, plan: &Plan) -> Vec<Line> {
    let line = format!("{} {}", exact(&request.method), exact(&request.url));
    let mut out = vec![Line::fact("Request", Weight::Strong, line)];
    let instead = |url: &String| format!("where it certainly did not arrive there: {}", exact(url));
    out.extend(request.instead.iter().map(|url| Line::fact("", Weight::Plain, instead(url))));
    let header = |(name, value): (&String, &String)| {
        Line::fact("", Weight::Plain, format!("{}: {}", exact(name), exact(value)))
    };
    out.extend(request.headers.iter().map(header));
    let keyed = request.headers.values().any(|value| *value == plan.key);
    let repeat = if keyed { format!("{}; ", repeat(plan)) } else { String::new() };
    let credentials = format!("{repeat}credentials of api {}: ••••", exact(&request.api));
    out.push(Line::fact("", Weight::Dim, credentials));
    out.extend(request.body.iter().map(|body| Line::fact("Body", Weight::Plain, exact(body))));
    out
}

fn run(program: &Program) -> Vec<Line> {
    let mut out = labelled("Runs", &program.argv, |part| Line::fact("", Weight::Plain, exact(part)));
    if let Some(first) = out.first_mut() {
        first.weight = Weight::Strong;
    }
    let set: Vec<String> =
        program.env.iter().map(|(name, value)| format!("{}={}", exact(name), exact(value))).collect();
    out.extend(labelled("With", &set, |set| Line::fact("", Weight::Plain, set.as_str())));
    let passed = program.pass.iter().map(|name| format!("{}=••••", exact(name)));
    out.extend(passed.map(|text| Line::fact("", Weight::Dim, text)));
    let codes: Vec<String> = program.refused.iter().map(ToString::to_string).collect();
    let no = if codes.is_empty() { String::new() } else { format!("; exit {} means no", codes.join(", ")) };
    out.push(Line::fact("", Weight::Dim, format!("no shell, at most {}{no}", program.within)));
    out
}

fn tell(telling: &Telling) -> Vec<Line> {
    let to: Vec<String> = telling.to.iter().map(|name| exact(name)).collect();
    let to = format!("{} (step {} of {})", to.join(", "), telling.step, exact(&telling.path));
    let item = |(name, value): &(String, Option<Outside>)| {
        let (weight, said) = match value {
            Some(value) => (Weight::Plain, value.exact().to_string()),
            None => (Weight::Dim, "not yet known".to_owned()),
        };
        Line::new(Shape::Item, &exact(name), weight, said)
    };
    let mut out = vec![
        Line::new(Shape::Head, "To", Weight::Strong, to),
        Line::fact("Subject", Weight::Plain, telling.subject.exact().to_string()),
    ];
    out.extend(telling.packet.iter().map(item));
    out
}

/// Every posting. A letter is for reading, in whatever script: of all that a plan shows, only it is not in escapes.
fn publish(publication: &Publication) -> Vec<Line> {
    let mut out = Vec::new();
    for posting in &publication.postings {
        out.push(Line::fact("On", Weight::Strong, exact(&posting.channel)));
        out.push(Line::fact("Subject", Weight::Plain, posting.subject.exact().to_string()));
        let letter = posting.body.lines(usize::MAX);
        out.extend(letter.iter().map(|line| Line::new(Shape::Letter, "", Weight::Plain, line.to_string())));
    }
    out
}

fn before(capture: &Capture) -> String {
    format!("keeps {}: {} within {}", exact(&capture.name), capture.read.line(), capture.within)
}

fn verified(verify: Option<&Verify>) -> Line {
    let Some(verify) = verify else {
        return Line::fact("Verified", Weight::Warn, "not at all: nothing reads the effect back");
    };
    let Verify { read, meant, expect, within } = verify;
    let says = match expect.is_empty() && !meant.is_all() {
        true => "lists one".to_owned(),
        false => format!("says {}", expectations(expect)),
    };
    let of = match (&meant.listed, meant.is_all()) {
        (Some(listed), _) => format!(" of {}", exact(&listed.id)),
        (None, false) => format!(" where {}", recognised(meant)),
        (None, true) => String::new(),
    };
    Line::fact("Verified", Weight::Plain, format!("{} {says}{of} within {within}", read.line()))
}

/// By what the element of a list that is meant is recognised.
fn recognised(meant: &Meant) -> String {
    let since = meant.since.iter().map(|(at, since)| format!("{} from {} on", exact(at), exact(since)));
    let has = (!meant.among.is_empty()).then(|| expectations(&meant.among));
    has.into_iter().chain(since).collect::<Vec<_>>().join(", ")
}

fn expectations(expect: &BTreeMap<String, serde_json::Value>) -> String {
    if expect.is_empty() {
        return "yes".to_owned();
    }
    let each = expect.iter().map(|(at, value)| format!("{} = {}", exact(at), exact(&value.to_string())));
    each.collect::<Vec<_>>().join(", ")
}

/// What a repeat is recognised by, where no header has said so.
fn key(plan: &Plan) -> Option<Line> {
    let said =
        matches!(&plan.request, Request::Http(it) if it.headers.values().any(|value| *value == plan.key));
    (!said).then(|| Line::fact("Key", Weight::Dim, exact(&plan.key)).beside(Weight::Dim, repeat(plan)))
}

fn repeat(plan: &Plan) -> String {
    match (plan.idempotent, plan.key_lifetime) {
        (true, Some(lasts)) => format!("the other side knows a repeat for {lasts}"),
        (true, None) => "the other side knows a repeat".to_owned(),
        (false, _) => "never sent again by itself".to_owned(),
    }
}

#[cfg(test)]
mod tests;
