//! Text from outside on standard output and standard error: never a sequence that a terminal obeys.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::watching;
use crate::support::pty::Pty;
use crate::support::scratch::{Ran, Scratch};
use crate::support::torture;
use crate::support::vt::{self, Token};

/// Invisible, or turns the text around it.
fn is_sly(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Lines of text and nothing else.
fn assert_plain(what: &str, ran: &Ran) {
    for output in [&ran.stdout, &ran.stderr] {
        for token in vt::tokens(output.as_bytes()) {
            match &token {
                Token::Text(text) => assert!(!text.contains(is_sly), "{what}: {text:?}"),
                Token::Control(b'\n') => {}
                other => panic!("{what}: {other:?}"),
            }
        }
    }
}

fn alert(name: &str, place: &str, text: &str) -> Value {
    // All of them must fit into one answer.
    let (text, start): (String, String) =
        (text.chars().take(100_000).collect(), text.chars().take(2000).collect());
    let labels =
        json!({ "alertname": name, "service": "orders", "severity": "page", "host": start, &start: "key" });
    json!({ "labels": labels, "annotations": { "summary": start, "description": text, "runbook_url": start },
            "startsAt": chrono::Utc::now().to_rfc3339(), "fingerprint": format!("{name} {place} {start}"),
            "generatorURL": start })
}

#[test]
fn alerts_of_every_payload_are_listed_and_shown_without_harm() {
    let texts = torture::texts();
    let one = texts.iter().map(|(name, text)| alert("Same", name, text));
    let each = texts.iter().enumerate().map(|(n, (name, text))| alert(&format!("Alert{n}"), name, text));
    let page: Vec<Value> = one.chain(each).collect();
    let (_source, machine) = watching(&json!(page));
    let list = machine.run(&["list"]);
    assert!(list.stdout.lines().count() > texts.len(), "{list:?}");
    assert_plain("list", &list);
    for arguments in [
        &["list", "--json"][..],
        &["list", "--ascii"],
        &["show", "1"],
        &["show", "1", "--json"],
        &["review", "1"],
        &["review", "1", "--json"],
        &["report", "--since", "12h"],
        &["report", "--since", "12h", "--json"],
        &["ledger", "tail", "-n", "1000"],
        &["ledger", "export"],
        &["doctor"],
    ] {
        let ran = machine.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
        assert_plain(&arguments.join(" "), &ran);
        let json =
            arguments.contains(&"--json") || arguments.contains(&"export") || arguments.contains(&"--ascii");
        assert!(!json || ran.stdout.is_ascii(), "{arguments:?}");
    }
}

/// Payloads that fit into one argument.
fn arguments() -> impl Iterator<Item = (String, String)> {
    let fits = |(_, text): &(String, String)| !text.contains('\0') && text.len() < 100_000;
    torture::texts().into_iter().filter(fits)
}

#[test]
fn what_is_typed_on_the_command_line_is_kept_and_shown_without_harm() {
    let machine = Scratch::new();
    let mut kept = BTreeMap::new();
    for (name, text) in arguments().step_by(7) {
        let opened = machine.run(&["open", "--severity", "high", "--service", &text, "--", &text]);
        assert!(matches!(opened.code, Some(0 | 2)), "{name}: {opened:?}");
        assert_plain(&name, &opened);
        if opened.code == Some(0) {
            let id = opened.stdout.trim();
            let area = format!("--area={text}");
            for line in [
                &["note", id, "--", &text][..],
                &["classify", id, &area],
                &["timer", id, "--", &text, "3m", &text],
                &["fill", id, "--", "request ids", &text],
                &["fill", id, "--", &text, &text],
                &["lead", id, "--", &text],
            ] {
                let ran = machine.run(line);
                assert_plain(&name, &ran);
                assert!(matches!(ran.code, Some(0..=2)), "{name}: {line:?}: {ran:?}");
                *kept.entry(line[0].to_owned()).or_insert(0) += usize::from(ran.code == Some(0));
            }
            assert_plain(&name, &machine.run(&["show", id]));
        }
    }
    assert!(kept.len() == 5 && kept.values().all(|count| *count > 0), "{kept:?}");
    assert_plain("list", &machine.run(&["list"]));
}

#[test]
fn a_refused_word_is_not_obeyed_by_the_terminal_it_is_repeated_on() {
    let machine = Scratch::new();
    let word = "x\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}";
    for arguments in [
        &["ack", "1", word][..],
        &["open", "--severity", word, "Title"],
        &["show", word],
        &["list", word],
        &["list", &format!("sev:{word}")],
        &["contain", "1", word, "--yes"],
        &["--config", word, "list"],
        &["ledger", word],
        &[&format!("--{word}")],
    ] {
        // In a terminal: some libraries colour, and let through, only there.
        let ran = Pty::start(&machine.quell(arguments), 200, 24);
        let (exit, bytes) = ran.finish();
        assert!(exit.code <= 2, "{arguments:?}: {exit:?}");
        let stdout = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        assert_plain(&format!("{arguments:?}"), &Ran { code: None, stdout, stderr: String::new() });
    }
}
