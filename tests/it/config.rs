//! The configuration file: what loads, and what is said of what does not.

use std::path::{Path, PathBuf};

use quell::config::{Config, Problems};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn read(path: &Path) -> Result<Config, Problems> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    Config::read(&std::fs::read_to_string(path).unwrap(), &name, Some("ana"))
}

#[test]
fn every_valid_file_loads() {
    for path in files("valid") {
        if let Err(problems) = read(&path) {
            panic!("{}:\n{problems}", path.display());
        }
    }
}

#[test]
fn every_invalid_file_is_told_what_is_wrong_with_it() {
    for path in files("invalid") {
        let said = match read(&path) {
            Ok(_) => panic!("{} loads", path.display()),
            Err(problems) => problems.to_string(),
        };
        assert!(!said.contains("canary"), "a secret is repeated:\n{said}");
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("config_{}", path.file_stem().unwrap().to_string_lossy()), said);
        });
    }
}

#[test]
fn where_each_value_came_from_is_shown() {
    let config = read(&files("valid")[0]).unwrap();
    let lines: Vec<_> =
        config.settings.iter().map(|s| format!("{} = {}  ({})", s.key, s.value, s.origin)).collect();
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("config_shown", lines.join("\n"));
    });
}
