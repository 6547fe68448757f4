//! The configuration as a whole: what loads, what it means, and where each value came from.

use std::os::unix::fs::PermissionsExt;

use super::*;

fn read(text: &str) -> Result<Config, Problems> {
    Config::read(text, "config.toml", Some("ana"))
}

fn shown<'a>(config: &'a Config, key: &str) -> (&'a str, String) {
    let setting = config.settings.iter().find(|setting| setting.key == key);
    let setting = setting.unwrap_or_else(|| panic!("no {key} among {:#?}", config.settings));
    (&setting.value, setting.origin.to_string())
}

#[test]
fn without_a_file_there_are_defaults_and_no_sources() {
    let config = read("").unwrap();
    assert_eq!((config.operator.as_str(), config.ids.as_str()), ("ana", "ANA"));
    assert!(config.sources.is_empty() && !config.setup.actions_enabled);
    assert_eq!(shown(&config, "operator"), ("\"ana\"", "env".to_owned()));
    assert_eq!(shown(&config, "ack.within.critical"), ("\"5m\"", "default".to_owned()));
}

#[test]
fn a_prefix_comes_from_the_operator_unless_it_is_given() {
    for (operator, prefix) in [("ana", "ANA"), ("jean-luc.picard", "JEANLUCP"), ("007", "OPS"), ("4bo", "BO")]
    {
        assert_eq!(prefix_of(operator), prefix);
    }
    assert_eq!(read("operator = 'bo'").unwrap().ids, "BO");
    assert_eq!(read("operator = 'bo'\nids = 'DESK'").unwrap().ids, "DESK");
}

#[test]
fn the_safety_file_is_looked_for_in_one_place_wherever_quell_is_started() {
    let with = |path: &str| read(&format!("[actions]\nsafety_file = '{path}'\n"));
    let file = with("/run/quell/safety-off").unwrap().setup.safety_file;
    assert_eq!(file.as_deref(), Some(Path::new("/run/quell/safety-off")));
    for path in ["safety-off", "./safety-off", "run/quell/safety-off", "~/safety-off", "~ana/safety-off", ""]
    {
        let said = with(path).map(drop).unwrap_err().to_string();
        assert!(said.contains("write a whole path, like \"/run/quell/safety-off\""), "{path}: {said}");
    }
}

#[test]
fn the_starter_loads_as_it_is_and_with_every_line_in_use() {
    assert!(read(STARTER).unwrap().sources.is_empty());
    let used = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => rest.to_owned(),
        _ => line.to_owned(),
    };
    let text: String = STARTER.lines().map(|line| used(line) + "\n").collect();
    let config = read(&text).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!((config.sources.len(), config.monitors.len(), config.channels.len()), (1, 6, 1));
    assert!(config.setup.actions_enabled);
    assert_eq!(config.setup.playbooks.len(), 1);
}

#[test]
fn the_defaults_that_are_shown_are_those_that_hold() {
    let bare = "[[source]]\nkind = 'alertmanager'\nname = 'am'\nurls = ['http://127.0.0.1:1']\n\
                [[monitor]]\nkind = 'tcp'\nname = 'db'\naddress = 'a:1'\n\
                [[playbook]]\nid = 'p'\ntitle = 'P'\nblast = 'b'\ntarget = 'x'\n\
                parameter = [{ name = 'x', allow = 'a' }]\ndo.http = { api = 'a', path = '/{{x}}' }\n\
                [[api]]\nname = 'a'\nurl = 'http://127.0.0.1:1'\n";
    let config = read(bare).unwrap_or_else(|problems| panic!("{problems}"));
    let of = |prefix: &str| -> String {
        let settings = config.settings.iter().filter(|s| s.origin == Origin::Default);
        let keys = settings.filter_map(|s| Some((s.key.strip_prefix(prefix)?.strip_prefix('.')?, &s.value)));
        keys.filter(|(key, _)| !key.contains('.')).map(|(key, value)| format!("{key} = {value}\n")).collect()
    };
    let source =
        format!("kind = 'alertmanager'\nname = 'am'\nurls = ['http://127.0.0.1:1']\n{}", of("source.am"));
    assert_eq!(toml::from_str::<sources::Settings>(&source).unwrap(), config.sources[0]);
    let monitor = format!("kind = 'tcp'\nname = 'db'\naddress = 'a:1'\n{}", of("monitor.db"));
    assert_eq!(toml::from_str::<monitors::Settings>(&monitor).unwrap(), config.monitors[0]);
    let notify: notify::Settings = toml::from_str(&of("notify")).unwrap();
    assert_eq!(notify, config.notify);
    let root = format!(
        "{}[ack]\nexpires = {}\n[ack.within]\n{}[bulletins]\n{}",
        of_root(&config),
        shown(&config, "ack.expires").0,
        of("ack.within"),
        of("bulletins")
    );
    assert_eq!(read(&root).unwrap().setup, read("").unwrap().setup);
}

fn of_root(config: &Config) -> String {
    ["group_by", "clear_after"].map(|key| format!("{key} = {}\n", shown(config, key).0)).concat()
}

#[test]
fn a_path_is_merged_key_by_key_onto_the_one_compiled_in() {
    let text = "[[channel]]\nkind = 'webhook'\nname = 'room'\nstyle = 'generic'\nurl_env = 'U'\n\
                [[path]]\nid = 'incident'\nsteps = [{ after = '0m', to = ['room'] }]\n[[path]]\nid = 'mine'\n";
    let config = read(text).unwrap_or_else(|problems| panic!("{problems}"));
    let paths = &config.setup.paths;
    assert_eq!(
        paths.iter().map(|path| path.id.as_str()).collect::<Vec<_>>(),
        ["incident", "security", "technical", "operations", "partner", "mine"]
    );
    assert_eq!((paths[0].steps.len(), paths[0].packet.len()), (1, 5));
}

#[test]
fn configured_rules_come_before_the_shipped_ones() {
    let config = read("[[rule]]\nwhen = 'label:a=b'\nseverity = 'critical'\n").unwrap();
    assert_eq!(config.setup.rules[0].when.source(), "label:a=b");
    assert_eq!(config.setup.rules.len(), 1 + crate::domain::rule::shipped().len());
}

#[test]
fn all_that_is_wrong_is_told_in_the_order_of_lines() {
    let problems =
        read("operater = 'x'\nclear_after = 5\n[[source]]\nkind = 'alertmanager'\nurl = 'x'\n").unwrap_err();
    let lines: Vec<usize> = problems.list.iter().map(|p| p.place.as_ref().unwrap().line).collect();
    assert_eq!(lines, [1, 2, 3, 3, 5], "{problems}");
    assert_eq!(problems.list[4].remedy.as_deref(), Some("did you mean `urls`?"));
}

#[test]
fn a_file_with_a_secret_must_be_closed_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let text =
        "[[channel]]\nkind = 'webhook'\nname = 'room'\nstyle = 'slack'\nurl = 'https://h.example/canary'\n";
    std::fs::write(&path, text).unwrap();
    let load = |mode| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        Config::load(Some(&path), None, None, |_| None)
    };
    assert!(load(0o600).is_ok());
    let said = load(0o640).unwrap_err().to_string();
    assert!(said.contains("chmod 600") && !said.contains("canary"), "{said}");
}

#[test]
fn one_mistake_hides_no_other_and_is_told_once() {
    let said = |text: &str| -> Vec<String> {
        read(text).unwrap_err().list.into_iter().map(|problem| problem.message).collect()
    };
    let kind = "[[source]]\nkind = 'alertmanagr'\nname = 'A B'\nevry = '5s'\n";
    assert_eq!(
        said(kind),
        ["`alertmanagr` is no kind of source", "`name` cannot be `A B`", "`evry` is no key of [[source]]"]
    );
    assert_eq!(
        said("[[monitor]]\nknd = 'tcp'\naddress = 5\n"),
        ["[[monitor]] lacks `kind`", "`knd` is no key of [[monitor]]", "`address` cannot be a whole number"]
    );
    let path = "[[path]]\nid = 'mine'\ntitel = 'x'\nsteps = [{ after = '0m', to = ['rom'] }]\n";
    assert_eq!(said(path), ["`titel` is no key of [[path]]", "there is no channel `rom`"]);
    // What is there under a wrong name is not missed as well.
    let rule = "[[rule]]\nwhen = 'label:a=b'\nseverty = 'high'\n";
    assert_eq!(said(rule), ["`severty` is no key of [[rule]]"]);
}

#[test]
fn a_path_that_waits_for_a_complete_packet_does_not_arm_by_itself() {
    let channel = "[[channel]]\nkind = 'webhook'\nname = 'room'\nstyle = 'slack'\nurl_env = 'ROOM'\n";
    let path = |more: &str| {
        let steps = "when = 'sev:critical'\nsteps = [{ after = '0m', to = ['room'] }]";
        read(&format!("{channel}[[path]]\nid = 'operations'\n{steps}\n{more}"))
    };
    let problems = path("").unwrap_err().to_string();
    assert!(problems.contains("cannot arm by itself") && problems.contains("complete = false"), "{problems}");
    assert!(path("complete = false").is_ok());
}
