//! What the documents promise is there, and nothing in the repository knows the machine it was made on.

use std::path::{Path, PathBuf};

use crate::support::{repository, scratch::Scratch};

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
fn commands_in_the_readme_exist() {
    let scratch = Scratch::new();
    for command in commands(&repository::text("README.md")) {
        let help = scratch.run(&[&command, "--help"]);
        let known = help.code == Some(0) && help.stdout.contains(&format!("Usage: quell {command}"));
        assert!(known, "README.md shows `quell {command}`, but its --help says:\n{help:#?}");
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
    let text =
        "Run `quell demo`, or:\n```\n$ quell show 42\nquell ID\ncargo run --release -- wall\n```\nquell is";
    assert_eq!(commands(text), ["demo", "show", "wall"]);
    assert!(names("see /tmp/x", "/tmp/") && !names("https://x.example/tmp/x", "/tmp/"));
}

/// Targets of Markdown links that are files here.
fn links(text: &str) -> Vec<String> {
    let target = |piece: &str| piece.split([')', ' ', '#']).next().map(str::to_owned);
    let here = |link: &String| !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:");
    text.split("](").skip(1).filter_map(target).filter(here).collect()
}

/// Subcommands shown in code: `quell NAME …` and `cargo run … -- NAME …`.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, block) in text.split("```").enumerate() {
        let fenced = number % 2 == 1;
        let code: Vec<_> =
            if fenced { block.lines().collect() } else { block.split('`').skip(1).step_by(2).collect() };
        for line in code {
            let line = line.trim().trim_start_matches("$ ");
            let ours = line.starts_with("cargo run ").then(|| line.split_once(" -- ")).flatten();
            let Some(rest) = line.strip_prefix("quell ").or(ours.map(|(_, rest)| rest)) else { continue };
            let name = rest.split_whitespace().next().unwrap_or_default();
            let known = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase());
            if known && !found.iter().any(|other| other == name) {
                found.push(name.to_owned());
            }
        }
    }
    found
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
