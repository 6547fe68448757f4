//! The post-mortem says what happened, and no text in it is anything but text.

use std::fmt::Write;

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};
use quell::domain::earlier::Earlier;
use quell::domain::incident::Incident;
use quell::domain::plan::hex;
use quell::domain::postmortem::markdown;
use quell::domain::record::{BulletinStarted, DeadlinePassed, DeadlineSet, Entry, Record};
use quell::domain::text::Outside;
use sha2::{Digest, Sha256};

use super::payloads;
use crate::support::response::{self, fold, plain};

fn post_mortem(records: &[Record]) -> String {
    let incident = fold(records);
    markdown(&incident, records, &[Earlier::of(&incident)])
}

/// What a reader of GitHub-flavoured Markdown makes of a page: its shape, and its text block by block.
fn read(page: &str) -> (Vec<String>, Vec<String>) {
    let mut options = Options::default();
    let extension = &mut options.extension;
    extension.strikethrough = true;
    extension.table = true;
    extension.autolink = true;
    extension.tasklist = true;
    extension.superscript = true;
    extension.footnotes = true;
    extension.inline_footnotes = true;
    extension.description_lists = true;
    extension.front_matter_delimiter = Some("---".to_owned());
    extension.alerts = true;
    extension.math_dollars = true;
    extension.math_code = true;
    extension.wikilinks_title_after_pipe = true;
    extension.underline = true;
    extension.subscript = true;
    extension.highlight = true;
    let arena = Arena::new();
    let (mut shape, mut texts) = (Vec::new(), Vec::<String>::new());
    for node in parse_document(&arena, page, &options).descendants() {
        match &node.data.borrow().value {
            NodeValue::Text(text) => write!(texts.last_mut().unwrap(), "{text}").unwrap(),
            NodeValue::Code(code) => {
                assert_eq!(code.literal, "@", "only the sign of an address is set apart");
                texts.last_mut().unwrap().push('@');
            }
            NodeValue::Document => {}
            NodeValue::Heading(heading) => {
                block(&mut shape, &mut texts, format!("heading {}", heading.level));
            }
            NodeValue::Paragraph => block(&mut shape, &mut texts, "paragraph".to_owned()),
            NodeValue::List(_) => block(&mut shape, &mut texts, "list".to_owned()),
            NodeValue::Item(_) => block(&mut shape, &mut texts, "item".to_owned()),
            NodeValue::Table(table) => block(&mut shape, &mut texts, format!("table {}", table.num_columns)),
            NodeValue::TableRow(head) => block(&mut shape, &mut texts, format!("row {head}")),
            NodeValue::TableCell => block(&mut shape, &mut texts, "cell".to_owned()),
            other => panic!("no text may become {other:?} in:\n{page}"),
        }
    }
    (shape, texts)
}

fn block(shape: &mut Vec<String>, texts: &mut Vec<String>, what: String) {
    shape.push(what);
    texts.push(String::new());
}

/// The shape in which any number of paragraphs in a row is one: a root cause has as many as it has lines.
fn outline(page: &str) -> Vec<String> {
    let mut shape = read(page).0;
    shape.dedup_by(|one, other| one == "paragraph" && other == "paragraph");
    shape
}

#[test]
fn the_post_mortem_of_a_response_is_as_it_was() {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("post_mortem", post_mortem(&response::records(plain)));
    });
}

#[test]
fn what_is_missing_is_said() {
    let records = response::records(plain);
    let page = post_mortem(&records[..1]);
    for said in [
        "The root cause is not written yet.",
        "No action items are written yet.",
        "Nobody has assessed how many users were affected.",
        "Nobody acknowledged it.",
        "No containment was verified.",
        "It is not over: the response stands in Identify.",
        "No bulletin was sent.",
        "Nobody was escalated to.",
        "No action was taken through quell.",
        "No gate was waived.",
        "| Lead | Nobody |",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[test]
fn each_start_of_a_response_has_a_post_mortem_of_the_same_sections() {
    let records = response::records(plain);
    let headings = |page: &str| {
        page.lines().filter(|line| line.starts_with("## ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let whole = headings(&post_mortem(&records));
    assert!(whole.len() == 12, "{whole:?}");
    for end in 1..records.len() {
        assert_eq!(headings(&post_mortem(&records[..end])), whole);
    }
}

#[test]
fn no_text_from_outside_changes_the_shape_of_the_page() {
    let outlined = outline(&post_mortem(&response::records(plain)));
    for (name, payload) in payloads() {
        // As it is, and where a word stands before it.
        for say in [payload.clone(), format!("see {payload}")] {
            let records =
                response::records(
                    |words| if words == "status-page" { words.to_owned() } else { say.clone() },
                );
            assert_eq!(outline(&post_mortem(&records)), outlined, "{name}");
        }
    }
}

#[test]
fn what_a_reader_sees_is_the_safe_form_of_what_was_said() {
    for (name, payload) in payloads() {
        let records = response::records(|words| {
            if words.starts_with("Withdrawals are") { payload.clone() } else { plain(words) }
        });
        let Entry::BulletinStarted(BulletinStarted { bulletin, .. }) =
            &records.iter().find(|r| matches!(r.entry, Entry::BulletinStarted { .. })).unwrap().entry
        else {
            panic!("a bulletin")
        };
        let seen = bulletin.headline.safe().trim().to_owned();
        let texts = read(&post_mortem(&records)).1;
        assert!(texts.contains(&seen), "{name}: {seen}");
    }
}

#[test]
fn a_missed_deadline_is_told_although_a_later_one_took_its_place() {
    let mut records = response::records(plain);
    let place =
        records.iter().position(|record| matches!(record.entry, Entry::DeadlinePassed { .. })).unwrap();
    let Entry::DeadlinePassed(DeadlinePassed { deadline, name, due }) = records[place].entry.clone() else {
        panic!("found it")
    };
    let title = Outside::new("the next one");
    let entry =
        Entry::DeadlineSet(DeadlineSet { deadline, name, title, due: due + chrono::TimeDelta::minutes(20) });
    let next = Record { entry, ..records[place].clone() };
    records.insert(place + 1, next);
    let page = post_mortem(&records);
    assert!(page.contains("| Bulletin (users) | — | 2026-11-20 14:36:22Z | Missed |"), "{page}");
    assert!(page.contains("| Bulletin (users) | the next one | 2026-11-20 14:56:22Z | Met at"), "{page}");
}

#[test]
fn publishing_does_not_change_what_was_published() {
    let mut records = response::records(plain);
    let before = post_mortem(&records);
    let sha256 = hex(&Sha256::digest(before.as_bytes()));
    let last = records.last().unwrap().clone();
    let entry = Entry::Published { sha256: sha256.clone() };
    records.push(Record { seq: last.seq + 1, entry, ..last });
    let incident: Incident = fold(&records);
    assert!(incident.review.published.is_some());
    let after = markdown(&incident, &records, &[Earlier::of(&fold(&records[..records.len() - 1]))]);
    assert_eq!(hex(&Sha256::digest(after.as_bytes())), sha256);
}
