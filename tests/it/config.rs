//! The configuration file: what loads, and what is said of what does not.

use std::path::{Path, PathBuf};

use quell::config::{Config, Problems};
use quell::domain::time::Span;
use quell::simulator::demo_config;

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

#[test]
fn the_demo_loads() {
    let text = demo_config("http://127.0.0.1:4711", "127.0.0.1:4712", "/tmp/token");
    let config = Config::read(&text, "demo.toml", None).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!((config.sources.len(), config.monitors.len(), config.channels.len()), (1, 5, 4));
    assert_eq!((config.setup.playbooks.len(), config.setup.watches.len()), (5, 5));
    assert_eq!(config.setup.ack.critical, Some(Span::mins(2)));
    let url = config.settings.iter().find(|setting| setting.key == "channel.inc-room.url").unwrap();
    assert_eq!(url.value, "••••");
}

#[test]
fn a_look_that_does_not_exist_is_refused_with_those_that_do() {
    use quell::console::look::Look;
    for (name, look) in Look::NAMES.into_iter().zip(Look::ALL) {
        assert_eq!(Config::read(&format!("theme = \"{name}\""), "c", None).unwrap().look, look);
        assert_eq!(Look::named(name), Some(look));
    }
    let refused = Config::read("theme = \"solarized\"", "c", None).unwrap_err().to_string();
    let listed = |name: &&str| refused.contains(&format!("\"{name}\""));
    assert!(Look::NAMES.iter().all(listed), "{refused}");
}
