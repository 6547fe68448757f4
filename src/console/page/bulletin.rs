//! A bulletin being written: the form with what the lint says under each field, the letter, the difference.

use super::fields::{BUTTON, Enters, Form, SHOWS_PLAN, foot, rule, whole};
use super::{Line, Page, Role, flowed, gap, names, own, wrapped};
use crate::console::bulletin::{BulletinForm, Face, is_code_pending};
use crate::console::fields::Slot;
use crate::console::model::Model;
use crate::console::page::prompt::Sheet;
use crate::domain::bulletin::difference::{Fate, Run};
use crate::domain::bulletin::lint::Finding;
use crate::domain::bulletin::{Part, Reach};
use crate::domain::text::Outside;
use crate::domain::time::{Time, clock_minute};

/// Lines of a letter that are shown.
const LETTER: usize = 400;

/// The sheet of a bulletin being written.
pub fn sheet(model: &Model, form: &BulletinForm, cols: u16, now: Time) -> Sheet {
    let outlet = model.board.can().bulletins.outlet(form.audience);
    let to = outlet.map(|outlet| outlet.to.join(", ")).unwrap_or_default();
    let title = format!("{} ── bulletin to {} ── on {}", form.id, form.audience.word(), own(&to));
    let findings = form.findings(model, now);
    let body = match form.face {
        Face::Form => {
            let late = form.late(model, now);
            let notes = |slot: &Slot| under(form, slot, (&findings, late.as_deref()), cols, now);
            let mut lines = Form::of(&form.fields, BUTTON, cols, notes);
            for finding in findings.iter().filter(|finding| finding.part == Part::Letter) {
                said(finding, "   ", cols).into_iter().for_each(|line| lines.push(line));
            }
            let mut said = vec![count(form, &findings)];
            said.extend(rule(model, Enters::of(&form.fields), SHOWS_PLAN, cols));
            let foot = foot(form.fields.leaving, form.error.as_ref(), said, cols);
            return lines.sheet(model, title, foot, false);
        }
        Face::Preview => preview(model, form, cols, now),
        Face::Difference => difference(model, form, cols, now),
    };
    let foot = vec![count(form, &findings)];
    whole(model, Sheet { title, head: 0, body, foot, top: form.top, grave: false })
}

/// What stands under a field.
fn under(
    form: &BulletinForm,
    slot: &Slot,
    (findings, late): (&[Finding], Option<&str>),
    cols: u16,
    now: Time,
) -> Page {
    // Where room is short, more of it is for what is wrong.
    let head = " ".repeat(if cols < 60 { 4 } else { usize::from(form.fields.margin(cols)) });
    let mut out = Page::new();
    if slot.key == Part::Next.key() {
        match (form.wrong_next(), form.bulletin(now).next_at) {
            (Some(wrong), _) => out.extend(wrapped(Role::Bad, &head, &own(&wrong), cols)),
            (None, Some(at)) => {
                out.push(Line::of(
                    Role::Dim,
                    format!("{head}they read: next update at {}", clock_minute(at)),
                ));
                out.extend(late.into_iter().flat_map(|late| wrapped(Role::Warn, &head, late, cols)));
            }
            (None, None) => {}
        }
    }
    if slot.key == "product" && form.needs_product() {
        out.extend(wrapped(Role::Warn, &head, "say it, and the rest is begun from the template", cols));
        return out;
    }
    let mine = |finding: &&Finding| finding.part != Part::Letter && finding.part.key() == slot.key;
    if !form.needs_product() {
        out.extend(findings.iter().filter(mine).flat_map(|finding| said(finding, &head, cols)));
    }
    out
}

/// `✗ nobody can promise "guarantee": say what you know, and since when`
fn said(finding: &Finding, head: &str, cols: u16) -> Page {
    let text = format!("✗ {}", own(&finding.message));
    let remedy = format!(" → {}", own(&finding.remedy));
    flowed(head, &[(Role::Bad, text), (Role::Plain, remedy)], cols)
}

fn count(form: &BulletinForm, findings: &[Finding]) -> Line {
    match findings.len() {
        _ if form.needs_product() => Line::of(Role::Warn, " nothing is written yet"),
        0 => Line::of(Role::Good, " ✓ the lint finds nothing: it may leave"),
        1 => Line::of(Role::Warn, " ✗ 1 finding: it cannot leave like this"),
        many => Line::of(Role::Warn, format!(" ✗ {many} findings: it cannot leave like this")),
    }
}

/// What leaves, to the letter, for each way in which readers are reached.
fn preview(model: &Model, form: &BulletinForm, cols: u16, now: Time) -> Page {
    let mut out = Page::new();
    let pending = model.board.get(&form.id).is_some_and(|incident| is_code_pending(incident));
    for (reach, channels, letter) in form.letters(model, now) {
        let how = match reach {
            Reach::PerRecipient => "to each reader, with their own code",
            Reach::Broadcast => "to everybody who looks",
        };
        out.push(Line::of(Role::Heading, format!(" {}: {how}", names(&channels))));
        if pending && reach == Reach::Broadcast && form.audience.needs_code() {
            let text = "the code is only an example: the first plan makes the real one";
            out.extend(wrapped(Role::Warn, " ", text, cols));
        }
        out.extend(wrapped(Role::Strong, "   ", &letter.subject.safe(), cols));
        out.push(gap());
        for line in letter.body.lines(LETTER) {
            out.extend(wrapped(Role::Plain, "   ", &line, cols));
        }
        out.push(gap());
    }
    if out.is_empty() {
        out.push(Line::of(Role::Bad, " none of its channels carries bulletins"));
    }
    out
}

/// What changed since the last one, word by word: `[-gone-]` `{+new+}`.
fn difference(model: &Model, form: &BulletinForm, cols: u16, now: Time) -> Page {
    let Some(incident) = model.board.get(&form.id) else { return Page::new() };
    let Some((number, parts)) = form.difference(incident, now) else {
        let text = format!(
            " this is the first bulletin to {}: there is nothing to compare it with",
            form.audience.word()
        );
        return vec![Line::of(Role::Plain, text)];
    };
    let mut out = vec![
        Line::of(Role::Heading, format!(" Since bulletin {number}: "))
            .and(Role::Good, "{+new+}")
            .and(Role::Plain, "  ")
            .and(Role::Bad, "[-gone-]"),
        gap(),
    ];
    for part in parts {
        let same = if part.is_any() { "" } else { "  (as it was)" };
        out.push(Line::of(Role::Strong, format!(" {}", part.part.word())).and(Role::Dim, same));
        let pieces = marked(&part.runs);
        out.extend(flowed("   ", &pieces, cols));
    }
    out
}

/// Runs with their signs. What changed on both sides of a single space is one change: it is read faster.
fn marked(runs: &[Run]) -> Vec<(Role, String)> {
    let mut out = Vec::new();
    let (mut gone, mut new) = (String::new(), String::new());
    for (place, run) in runs.iter().enumerate() {
        let text = run.text.raw();
        let between = text.trim().is_empty()
            && !(gone.is_empty() && new.is_empty())
            && runs.get(place + 1).is_some_and(|next| next.fate != Fate::Kept);
        match run.fate {
            Fate::Added => new.push_str(text),
            Fate::Removed => gone.push_str(text),
            Fate::Kept if between => {
                gone.push_str(text);
                new.push_str(text);
            }
            Fate::Kept => {
                flush(&mut out, &mut gone, &mut new);
                out.push((Role::Plain, worded(text, "", "")));
            }
        }
    }
    flush(&mut out, &mut gone, &mut new);
    out
}

fn flush(out: &mut Vec<(Role, String)>, gone: &mut String, new: &mut String) {
    for (role, text, open, close) in [(Role::Bad, gone, "[-", "-]"), (Role::Good, new, "{+", "+}")] {
        if !text.is_empty() {
            out.push((role, worded(text, open, close)));
        }
        text.clear();
    }
}

/// Words between two signs as they may be shown, with the spaces around them outside.
fn worded(text: &str, open: &str, close: &str) -> String {
    let words = text.trim();
    if words.is_empty() {
        return " ".to_owned();
    }
    let lead = if text.starts_with(char::is_whitespace) { " " } else { "" };
    let trail = if text.ends_with(char::is_whitespace) { " " } else { "" };
    format!("{lead}{open}{}{close}{trail}", Outside::new(words.replace('\n', " ")).safe())
}
