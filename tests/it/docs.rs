//! What the documents promise is there, and nothing in the repository knows the machine it was made on.

mod picture;
mod screens;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser};
use quell::cli::CommandLine;
use quell::console::command::TABLE;
use quell::console::keymap::fixed::FIXED;

use crate::support::repository;

#[test]
fn relative_links_lead_somewhere() {
    let documents = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"];
    let broken: Vec<_> = documents
        .iter()
        .flat_map(|document| links(&repository::text(document)).into_iter().map(move |link| (document, link)))
        // `crate::…` is a link of rustdoc, which checks it itself.
        .filter(|(_, link)| !link.starts_with("crate::") && !repository::root().join(link).exists())
        .collect();
    assert!(broken.is_empty(), "links to nowhere: {broken:#?}");
}

#[test]
fn commands_in_the_readme_are_accepted() {
    let shown = command_lines(&repository::text("README.md"));
    assert!(shown.len() > 15, "{shown:#?}");
    for line in shown {
        let refused = refusal(&line);
        assert!(refused.is_none(), "README.md shows `{}`, but: {}", line.join(" "), refused.unwrap());
    }
}

#[test]
fn every_key_is_in_the_readme_and_every_key_there_does_something() {
    let readme = repository::text("README.md");
    let (_, keys) = readme.split_once("| Key | Does |").expect("README.md has a table of keys");
    let rows = keys.lines().skip(1).take_while(|line| line.starts_with('|'));
    let shown: BTreeSet<&str> = rows
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    let every: BTreeSet<&str> = TABLE.iter().flat_map(|entry| entry.keys).copied().collect();
    let missing: Vec<_> = every.difference(&shown).collect();
    let unknown: Vec<_> = shown.difference(&every).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing: {missing:?}; no such key: {unknown:?}");
}

#[test]
fn every_key_that_stays_as_it_is_is_in_the_readme() {
    let readme = repository::text("README.md");
    for (keys, _) in FIXED {
        let keys: Vec<String> = keys.split(' ').map(|key| format!("`{key}`")).collect();
        let row = format!("| {} | ", keys.join(" "));
        assert!(readme.lines().any(|line| line.starts_with(&row)), "README.md has no row `{row}`");
    }
}

/// Why quell would not take a command line.
fn refusal(line: &[String]) -> Option<String> {
    let parsed = CommandLine::command().try_get_matches_from(line).map(|read| {
        // A word that is no command would be taken for an incident's id.
        read.get_one::<String>("id").filter(|id| id.chars().all(|c| c.is_ascii_lowercase())).cloned()
    });
    match (parsed, CommandLine::try_parse_from(line)) {
        (Ok(Some(word)), _) => Some(format!("there is no command `{word}`")),
        (Err(error), _) | (_, Err(error)) => Some(error.to_string()),
        (Ok(None), Ok(_)) => None,
    }
}

#[test]
fn the_changelog_has_a_place_for_what_is_not_released() {
    let changelog = repository::text("CHANGELOG.md");
    assert!(changelog.lines().any(|line| line == "## Unreleased"), "no line `## Unreleased` in CHANGELOG.md");
}

#[test]
fn nothing_names_a_path_of_the_machine_it_was_made_on() {
    let places = ["work", "root", "tmp"].map(|top| format!("/{top}/"));
    let tops = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Cargo.toml"].map(PathBuf::from);
    let below = ["src", "assets", "benches", ".ci"].into_iter().flat_map(repository::files);
    let mut found = Vec::new();
    for file in tops.into_iter().chain(below).filter(|file| is_ours(file)) {
        for (number, line) in repository::text(&file).lines().enumerate() {
            if places.iter().any(|place| names(line, place)) {
                found.push(format!("{}:{}: {line}", file.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "paths of some machine:\n{}", found.join("\n"));
}

#[test]
fn the_document_readers_see_what_they_must() {
    let text = "[a](docs/a.md#top) ![b](assets/b.png) [c](https://x.example/) [d](#here)";
    assert_eq!(links(text), ["docs/a.md", "assets/b.png"]);
    let text = "Run `quell demo`, or:\n```\n$ quell note 42 \"a 'b'\"  # why\nquell\ncargo run --release -- dance\n\
                ```\nquell is";
    let words = |line: &[&str]| line.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let shown = [words(&["quell", "demo"]), words(&["quell", "note", "42", "a 'b'"]), words(&["quell"])];
    assert_eq!(command_lines(text)[..3], shown);
    assert!(refusal(&shown[0]).is_none() && refusal(&shown[2]).is_none());
    assert!(refusal(&command_lines(text)[3]).unwrap().contains("no command `dance`"));
    assert!(refusal(&words(&["quell", "escalate", "1", "--yes"])).unwrap().contains("--yes"));
    assert!(names("see /tmp/x", "/tmp/") && !names("https://x.example/tmp/x", "/tmp/"));
}

/// Targets of Markdown links that are files here.
fn links(text: &str) -> Vec<String> {
    let target = |piece: &str| piece.split([')', ' ', '#']).next().map(str::to_owned);
    let here = |link: &String| !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:");
    text.split("](").skip(1).filter_map(target).filter(here).collect()
}

/// Command lines shown in code, `quell …` and `cargo run … -- …`, as their words.
fn command_lines(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (number, block) in text.split("```").enumerate() {
        let fenced = number % 2 == 1;
        let code: Vec<_> =
            if fenced { block.lines().collect() } else { block.split('`').skip(1).step_by(2).collect() };
        for line in code {
            let line = words(line.trim().trim_start_matches("$ "));
            let by_cargo = line.starts_with(&["cargo".to_owned(), "run".to_owned()]);
            match line.iter().position(|word| word == "--") {
                Some(at) if by_cargo => {
                    found.push([&["quell".to_owned()], &line[at + 1..]].concat());
                }
                _ if line.first().is_some_and(|word| word == "quell") => found.push(line),
                _ => {}
            }
        }
    }
    found
}

/// The words of a line as a shell reads them, up to a comment.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Whether the line has this as the beginning of an absolute path.
fn names(line: &str, place: &str) -> bool {
    let begins = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "/._-}~".contains(c));
    line.match_indices(place).any(|(at, _)| begins(at))
}

/// Text we wrote that ships: not pictures, nor unit tests, which may need any path as an example.
fn is_ours(file: &Path) -> bool {
    if file.ends_with("tests.rs") {
        return false;
    }
    let kinds = ["rs", "md", "toml", "sh", "txt", "snap"];
    let kind = file.extension().and_then(|extension| extension.to_str());
    repository::root().join(file).is_file() && kind.is_none_or(|kind| kinds.contains(&kind))
}
