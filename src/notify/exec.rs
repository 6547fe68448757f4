//! A program of the operator's own that hears of notices: it is given them as arguments and as JSON, never as a shell's text.

use serde::Serialize;

use super::{Detail, Popup, Settings};
use crate::domain::fault::Fault;
use crate::domain::plan::Program;
use crate::domain::template;
use crate::domain::time::{Span, Time};
use crate::exec;

/// What its arguments may name.
const FIELDS: [&str; 4] = ["notice", "title", "text", "incident"];
/// Cells of a title and of a text: with four bytes each, escaped, all of it fits into what is fed.
const MAX_CELLS: (usize, usize) = (100, 300);
/// How long it may run, unless it is said otherwise.
pub const WITHIN: Span = Span::secs(10);

/// `notify.exec`, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    argv: Vec<String>,
    pass: Vec<String>,
    within: Span,
    detail: Detail,
}

/// What stands on its standard input.
#[derive(Serialize)]
struct Said<'a> {
    version: u32,
    at: Time,
    kind: &'a str,
    incident: Option<String>,
    critical: bool,
    title: &'a str,
    text: &'a str,
}

impl Exec {
    /// The program that is configured, if one is; runs nothing.
    ///
    /// # Errors
    /// A [local](Fault::local) fault: a setting is not usable.
    pub fn new(settings: &Settings) -> Result<Option<Self>, Fault> {
        let Some(argv) = &settings.exec else { return Ok(None) };
        let name = argv.first().ok_or_else(|| Fault::local("exec is empty; name a program"))?;
        if let Some((why, remedy)) = template::program_flaw(name) {
            return Err(Fault::local(format!("exec {why}; {remedy}")));
        }
        for argument in argv {
            let names = template::names(argument)
                .map_err(|why| Fault::local(format!("exec: {why}; close it with }}}}")))?;
            if let Some(unknown) = names.iter().find(|name| !FIELDS.contains(&name.as_str())) {
                let known = FIELDS.join(", ");
                return Err(Fault::local(format!(
                    "exec names no field of a notice with `{unknown}`; there are {known}"
                )));
            }
        }
        if settings.exec_env.iter().any(|name| !template::is_variable(name)) {
            return Err(Fault::local(format!(
                "exec_env names what cannot be passed on; {}",
                template::VARIABLES
            )));
        }
        let mut argv = argv.clone();
        if !argv.iter().any(|argument| argument.contains("{{")) {
            argv.push("{{notice}}".to_owned());
        }
        Ok(Some(Self {
            argv,
            pass: settings.exec_env.clone(),
            within: settings.exec_within,
            detail: settings.detail,
        }))
    }

    /// How much it is told.
    pub fn detail(&self) -> Detail {
        self.detail
    }

    /// The file that would run.
    ///
    /// # Errors
    /// A [local](Fault::local) fault: there is none.
    pub fn file(&self) -> Result<String, Fault> {
        exec::find(self.argv.first().map_or("", String::as_str))
    }

    /// Runs it.
    ///
    /// # Errors
    /// Why it may not have heard.
    pub async fn tell(&self, popup: &Popup, at: Time) -> Result<(), Fault> {
        let (program, input) = self.program(popup, at)?;
        exec::feed(&program, input).await?.success(&[])
    }

    fn program(&self, popup: &Popup, at: Time) -> Result<(Program, Vec<u8>), Fault> {
        let (title, text) = (popup.title.clip(MAX_CELLS.0), popup.body.clip(MAX_CELLS.1));
        let incident = popup.incident().map(ToString::to_string);
        let value = |field: &str| {
            let value = match field {
                "notice" => format!("{title}: {text}"),
                "title" => title.clone(),
                "text" => text.clone(),
                "incident" => incident.clone().unwrap_or_default(),
                _ => return None,
            };
            // No argument is empty, an option, or the name of a file to send along, whatever an alert calls itself.
            Some(match value.trim_start_matches(['-', '@', ' ']) {
                "" => "(none)".to_owned(),
                value => value.to_owned(),
            })
        };
        let mut argv = template::argv(&self.argv, value).map_err(Fault::local)?;
        if let Some(name) = argv.first_mut() {
            *name = exec::find(name)?;
        }
        let said = Said {
            version: 1,
            at,
            kind: popup.kind,
            incident,
            critical: popup.critical,
            title: &title,
            text: &text,
        };
        let mut input = serde_json::to_vec(&said)
            .map_err(|error| Fault::local(format!("a notice is no JSON: {error}")))?;
        input.push(b'\n');
        let program = Program {
            argv,
            env: [].into(),
            pass: self.pass.clone(),
            within: self.within,
            refused: Vec::new(),
        };
        Ok((program, input))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::IncidentId;
    use crate::domain::notice::{Notice, NoticeKind};
    use crate::domain::text::Outside;

    fn popup(text: &str) -> Popup {
        let incident = Some(IncidentId::new("ANA", 7));
        let notice = Notice::new(NoticeKind::NewCritical, incident, Outside::new(text));
        Popup::of(&notice, None, Detail::Full)
    }

    fn exec(settings: &str) -> Result<Option<Exec>, Fault> {
        Exec::new(&toml::from_str(settings).unwrap())
    }

    fn told(settings: &str, text: &str) -> (Vec<String>, serde_json::Value) {
        let (program, input) =
            exec(settings).unwrap().unwrap().program(&popup(text), Time::UNIX_EPOCH).unwrap();
        assert!(input.len() <= exec::INPUT_BYTES);
        (program.argv, serde_json::from_slice(&input).unwrap())
    }

    #[test]
    fn a_notice_is_the_last_argument_unless_the_arguments_say_where_it_stands() {
        let (argv, said) = told("exec = ['/bin/echo', 'oncall']", "gateway down; $(reboot) `id`\u{1b}[2J");
        assert_eq!(argv, ["/bin/echo", "oncall", "NEW ANA-7: gateway down; $(reboot) `id`\\x1b[2J"]);
        assert_eq!((&said["kind"], &said["incident"]), (&"new-critical".into(), &"ANA-7".into()));
        assert_eq!(
            (&said["text"], &said["version"]),
            (&"gateway down; $(reboot) `id`\\x1b[2J".into(), &1.into())
        );
        let (argv, _) = told("exec = ['/bin/echo', '-t', '{{title}}', '{{text}}']", "--exec=rm");
        assert_eq!(argv, ["/bin/echo", "-t", "NEW ANA-7", "exec=rm"]);
        let (argv, _) = told("exec = ['/bin/curl', '-d', '{{text}}']", " -@/home/ana/.ssh/id_ed25519");
        assert_eq!(argv[2], "/home/ana/.ssh/id_ed25519", "a file to send along");
        let (argv, _) = told("exec = ['/bin/echo', '{{text}}']", "");
        assert_eq!(argv, ["/bin/echo", "(blank)"]);
    }

    #[test]
    fn the_longest_text_fits() {
        for long in ["\"".repeat(5000), "漢".repeat(5000), "\u{1b}".repeat(5000), "e\u{301}".repeat(5000)] {
            told("exec = ['/bin/echo']", &long);
        }
    }

    #[test]
    fn settings_are_checked() {
        assert_eq!(exec(""), Ok(None));
        for (settings, why) in [
            ("exec = []", "name a program"),
            ("exec = ['{{title}}']", "name the program"),
            ("exec = ['./page']", "whole path"),
            ("exec = ['page', '{{titel}}']", "there are notice, title"),
            ("exec = ['page', '{{title']", "close it"),
            ("exec = ['page']\nexec_env = ['QUELL_KEY']", "quell's to set"),
        ] {
            let fault = exec(settings).unwrap_err();
            assert!(fault.detail.raw().contains(why), "{settings}: {:?}", fault.detail);
        }
    }

    #[tokio::test]
    async fn it_hears_both_ways_and_finds_no_environment() {
        let folder = tempfile::tempdir().unwrap();
        let heard = folder.path().join("heard");
        let script = format!("(cat; echo; echo \"$1\"; env) >{}", heard.display());
        let settings = Settings {
            exec: Some(["/bin/sh", "-c", &script, "hear"].map(str::to_owned).into()),
            ..Settings::default()
        };
        let exec = Exec::new(&settings).unwrap().unwrap();
        assert_eq!(exec.file(), Ok("/bin/sh".to_owned()));
        exec.tell(&popup("gateway down"), Time::UNIX_EPOCH).await.unwrap();
        let heard = std::fs::read_to_string(heard).unwrap();
        assert!(heard.starts_with("{\"version\":1,"), "{heard}");
        assert!(heard.contains("\nNEW ANA-7: gateway down\n"), "{heard}");
        assert!(!heard.contains("HOME=") && !heard.contains("PATH=/root"), "{heard}");
    }

    #[tokio::test]
    async fn one_that_fails_or_hangs_is_a_fault() {
        let tell = |script: &'static str| async move {
            let settings = Settings {
                exec: Some(["/bin/sh", "-c", script].map(str::to_owned).into()),
                exec_within: Span::millis(200),
                ..Settings::default()
            };
            let exec = Exec::new(&settings).unwrap().unwrap();
            exec.tell(&popup("x"), Time::UNIX_EPOCH).await.unwrap_err().detail.raw().to_owned()
        };
        assert_eq!(tell("echo no such topic >&2; exit 3").await, "exit 3: no such topic");
        assert!(tell("sleep 60").await.contains("not done in"));
    }
}
