//! The shape of the source: who imports whom, as ARCHITECTURE.md says; small files that say what they are for.

mod paths;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::repository;
use paths::paths;

/// No source file is longer.
const LONGEST: usize = 450;

/// One row of the import table.
struct Row {
    may_import: Vec<String>,
    must_not_name: Vec<String>,
}

type Table = BTreeMap<String, Row>;

#[test]
fn imports_follow_the_table_in_architecture_md() {
    let table = table(&repository::text("ARCHITECTURE.md"));
    let wrong: Vec<_> = sources()
        .into_iter()
        .flat_map(|file| violations(&table, &module_path(&file), &repository::text(&file), &file))
        .collect();
    assert!(wrong.is_empty(), "against the import table of ARCHITECTURE.md:\n{}", wrong.join("\n"));
}

#[test]
fn every_row_of_the_table_is_a_module() {
    let gone: Vec<_> = table(&repository::text("ARCHITECTURE.md"))
        .into_iter()
        .flat_map(|(module, row)| row.may_import.into_iter().chain([module]))
        .filter(|module| !["all", "none"].contains(&module.as_str()))
        .filter(|module| !repository::root().join(format!("src/{}.rs", module.replace("::", "/"))).exists())
        .collect();
    assert!(gone.is_empty(), "ARCHITECTURE.md speaks of modules that are not there: {gone:?}");
}

#[test]
fn every_source_file_opens_with_its_purpose() {
    let silent = |file: &PathBuf| {
        let text = repository::text(file);
        !text.starts_with("//! ") && !text.starts_with("#![doc = include_str!")
    };
    let silent: Vec<_> = sources().into_iter().chain(tests()).filter(silent).collect();
    assert!(silent.is_empty(), "these do not begin with `//! `: {silent:#?}");
}

#[test]
fn no_source_file_is_long() {
    let lines = |file: PathBuf| (repository::text(&file).lines().count(), file);
    let long: Vec<_> =
        sources().into_iter().chain(tests()).map(lines).filter(|(n, _)| *n > LONGEST).collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:#?}");
}

#[test]
fn no_module_is_called_mod_rs() {
    let named = |file: &PathBuf| file.file_name().is_some_and(|name| name == "mod.rs");
    let wrong: Vec<_> = sources().into_iter().chain(tests()).filter(named).collect();
    assert!(wrong.is_empty(), "foo/mod.rs is foo.rs here: {wrong:#?}");
}

#[test]
fn the_checker_sees_what_it_must() {
    let table = table(
        "| module | may import | must not name |\n|---|---|---|\n| domain | none | tokio, std::fs |\n\
         | view | domain, console::keymap | |\n| console | domain | |\n| main | all | |\n",
    );
    let found = |module: &[&str], text: &str| {
        let module: Vec<_> = module.iter().map(|part| (*part).to_owned()).collect();
        violations(&table, &module, text, Path::new("x.rs")).len()
    };
    assert_eq!(found(&["domain", "text"], "use crate::domain::time::Time; use std::{fmt, sync::Arc};"), 0);
    assert_eq!(found(&["domain", "text"], "use crate::view;"), 1);
    assert_eq!(found(&["domain", "text"], "use crate::{domain::time, view::{a, b}};"), 2);
    assert_eq!(found(&["domain", "text"], "fn f() { super::super::view::draw() }"), 1);
    assert_eq!(found(&["domain", "text"], "use super::time::Time;"), 0);
    assert_eq!(found(&["domain"], "use std::{fmt, fs::{self, File}};"), 2);
    assert_eq!(found(&["domain"], "#[tokio::main] async fn main() {}"), 1);
    assert_eq!(
        found(&["domain"], "// tokio::spawn\nconst A: &str = \"crate::view::x\"; /* crate::view */"),
        0
    );
    assert_eq!(found(&["domain"], "fn f<'a>(x: &'a str) -> char { let q = '\"'; crate::view::f(q) }"), 1);
    assert_eq!(found(&["view"], "use crate::console::keymap::Keymap;"), 0);
    assert_eq!(found(&["view"], "use crate::console::{keymap, prompt};"), 1);
    assert_eq!(found(&["main"], "use crate::view::draw;"), 0);
    assert_eq!(found(&["elsewhere"], ""), 1);
}

fn sources() -> Vec<PathBuf> {
    rust("src")
}

fn tests() -> Vec<PathBuf> {
    rust("tests")
}

fn rust(folder: &str) -> Vec<PathBuf> {
    let files = repository::files(folder).into_iter();
    files.filter(|file| file.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The rows of the one table whose first column is called `module`.
fn table(text: &str) -> Table {
    let mut rows = text.lines().skip_while(|line| !line.starts_with("| module |")).skip(2);
    let table: Table = rows.by_ref().take_while(|line| line.starts_with('|')).map(row).collect();
    assert!(!table.is_empty(), "ARCHITECTURE.md has no table `| module | may import | must not name |`");
    table
}

fn row(line: &str) -> (String, Row) {
    let cells: Vec<_> = line.trim_matches('|').split('|').map(|cell| cell.replace('`', "")).collect();
    let [module, may_import, must_not_name] = cells.as_slice() else { panic!("not three cells: {line}") };
    let words = |cell: &str| {
        cell.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect::<Vec<_>>()
    };
    let row = Row { may_import: words(may_import), must_not_name: words(must_not_name) };
    (module.trim().to_owned(), row)
}

/// `src/domain/text.rs` is `domain::text`.
fn module_path(file: &Path) -> Vec<String> {
    let inside = file.strip_prefix("src").unwrap().with_extension("");
    inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect()
}

fn violations(table: &Table, module: &[String], text: &str, file: &Path) -> Vec<String> {
    let Some(row) = table.get(&module[0]) else {
        return vec![format!("{}: the module {} has no row", file.display(), module[0])];
    };
    let mut wrong = Vec::new();
    for path in paths(text) {
        if let Some(ours) = of_ours(&path, module, table)
            && !permitted(row, &module[0], &ours)
        {
            wrong.push(format!("{}: {} may not import {}", file.display(), module[0], ours.join("::")));
        }
        let joined = path.join("::");
        if let Some(name) = row.must_not_name.iter().find(|name| within(&joined, name)) {
            wrong.push(format!("{}: {} must not name {name} ({joined})", file.display(), module[0]));
        }
    }
    wrong
}

/// The path from the top of the crate, when it leads there.
fn of_ours(path: &[String], module: &[String], table: &Table) -> Option<Vec<String>> {
    if path[0] == "crate" || path[0] == "quell" {
        return path.get(1).map(|_| path[1..].to_vec());
    }
    // Enough steps up from this file reach the top; an inline `mod tests` is one step further down.
    let up = path.iter().take_while(|part| *part == "super").count();
    let rest = &path[up..];
    let reaches_the_top = up >= module.len() && rest.first().is_some_and(|first| table.contains_key(first));
    reaches_the_top.then(|| rest.to_vec())
}

fn permitted(row: &Row, module: &str, ours: &[String]) -> bool {
    // A macro or an item of lib.rs itself is nobody's module.
    let path = ours.join("::");
    ours[0] == module || row.may_import.iter().any(|allowed| allowed == "all" || within(&path, allowed))
}

/// Whether `path` is `prefix` or below it.
fn within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}
