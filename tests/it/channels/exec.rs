//! A channel that is a program: what it is given as arguments, and what its end amounts to.

use quell::domain::action::Outcome;
use quell::domain::fault::FaultKind;
use serde_json::Value;

use super::{Kind, Listener, SECRET, Trouble};

pub const PROGRAM: Kind = Kind { well: || Box::new(Program::ending("exit 0")), troubles, silences };

/// A program that notes what it was given, line by line, and ends like this.
struct Program {
    folder: tempfile::TempDir,
    program: &'static str,
    ends: String,
}

impl Program {
    fn ending(how: &str) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), program: "sh", ends: how.to_owned() }
    }

    fn messages(&self) -> Vec<Value> {
        let notes = std::fs::read_to_string(self.folder.path().join("notes")).unwrap_or_default();
        notes.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Listener for Program {
    fn table(&self) -> String {
        let (program, ends, notes) = (self.program, &self.ends, self.folder.path().join("notes"));
        let script = format!("printf '%s\\n' \"$2\" >> \"$1\"; {ends}");
        format!(
            "kind = 'exec'\nname = 'room'\nwithin = '2s'\n\
             exec = ['{program}', '-c', {script:?}, 'sh', '{}', '{{{{message}}}}']",
            notes.display()
        )
    }

    fn count(&self) -> usize {
        self.messages().len()
    }

    fn key(&self, message: usize) -> String {
        self.messages()[message]["key"].as_str().unwrap().to_owned()
    }

    fn read(&self, message: usize) -> String {
        self.messages()[message].to_string()
    }

    fn is_plain(&self, message: usize) {
        let message = &self.messages()[message];
        assert_eq!(message.as_object().unwrap().len(), 10, "{message}");
    }

    fn series(&self, _message: usize) -> Option<String> {
        None
    }
}

fn troubles() -> Vec<Trouble> {
    let trouble = |what, how: &str| Trouble {
        what,
        listener: Box::new(Program::ending(how)),
        kind: FaultKind::Broken,
        outcome: Outcome::Unknown,
        sent: true,
    };
    let nowhere = Program { program: "/nowhere/page", ..Program::ending("exit 0") };
    vec![
        trouble("a failure", "exit 1"),
        trouble("a signal", "kill -9 $$"),
        Trouble {
            listener: Box::new(nowhere),
            kind: FaultKind::Local,
            outcome: Outcome::NotSent,
            sent: false,
            ..trouble("no such program", "")
        },
    ]
}

fn silences() -> Vec<Trouble> {
    let listener = Box::new(Program::ending(&format!("echo {SECRET}; while :; do :; done")));
    let (kind, outcome) = (FaultKind::NoAnswer, Outcome::Unknown);
    vec![Trouble { what: "a program that hangs", listener, kind, outcome, sent: true }]
}
