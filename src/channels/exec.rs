//! A program on this machine that carries messages: it is given them as arguments, never as a shell's text.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Accepted, Channel, webhook, words};
use crate::domain::fault::Fault;
use crate::domain::plan::{Program, Telling};
use crate::domain::template;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::exec;

/// What its arguments may name.
const FIELDS: [&str; 6] = ["message", "subject", "severity", "incident", "key", "purpose"];

/// Bytes of a message; the kernel takes an argument of 128 KiB.
const MESSAGE_BYTES: usize = 96 * 1024;

/// `[[channel]] kind = "exec"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What paths call it.
    pub name: String,
    /// The program and its arguments, which may hold `{{message}}` and the other fields.
    pub exec: Vec<String>,
    /// The names of the variables it is given of quell's own environment.
    #[serde(default)]
    pub env: Vec<String>,
    /// How long it may run.
    #[serde(default = "within")]
    pub within: Span,
}

fn within() -> Span {
    Span::secs(10)
}

/// A program that carries messages.
#[derive(Debug)]
pub struct Exec(Settings);

impl Exec {
    /// Makes a channel; runs nothing.
    ///
    /// # Errors
    /// A [local](Fault::local) fault: a setting is not usable.
    pub fn new(settings: &Settings) -> Result<Self, Fault> {
        let name = settings.exec.first().ok_or_else(|| Fault::local("exec is empty; name a program"))?;
        if let Some((why, remedy)) = template::program_flaw(name) {
            return Err(Fault::local(format!("exec {why}; {remedy}")));
        }
        for argument in &settings.exec {
            let names = template::names(argument)
                .map_err(|why| Fault::local(format!("exec: {why}; close it with }}}}")))?;
            if let Some(unknown) = names.iter().find(|name| !FIELDS.contains(&name.as_str())) {
                let known = FIELDS.join(", ");
                return Err(Fault::local(format!(
                    "exec names no field of a message with `{unknown}`; there are {known}"
                )));
            }
        }
        if settings.env.iter().any(|name| !template::is_variable(name)) {
            return Err(Fault::local(format!("env names what cannot be passed on; {}", template::VARIABLES)));
        }
        Ok(Self(settings.clone()))
    }

    fn program(&self, telling: &Telling) -> Result<Program, Fault> {
        let Settings { exec, env, within, .. } = &self.0;
        let mut argv = template::argv(exec, |field| value(telling, field)).map_err(Fault::local)?;
        if let Some(name) = argv.first_mut() {
            *name = exec::find(name)?;
        }
        let ours = [("QUELL_INCIDENT", telling.incident.to_string()), ("QUELL_KEY", telling.key.clone())];
        let ours = ours.map(|(name, value)| (name.to_owned(), value)).into();
        Ok(Program { argv, env: ours, pass: env.clone(), within: *within, refused: Vec::new() })
    }
}

#[async_trait]
impl Channel for Exec {
    fn name(&self) -> &str {
        &self.0.name
    }

    async fn tell(&self, telling: &Telling) -> Result<Accepted, Fault> {
        self.tell_and_hear(telling).await.0
    }

    async fn tell_and_hear(&self, telling: &Telling) -> (Result<Accepted, Fault>, Option<String>) {
        let ran = match self.program(telling) {
            Ok(program) => exec::run(&program).await,
            Err(fault) => Err(fault),
        };
        match ran {
            Ok(ran) => {
                let accepted = Accepted { detail: Outside::new("exit 0"), reference: None };
                (ran.success(&[]).map(|()| accepted), ran.said_something().then(|| ran.transcript()))
            }
            Err(fault) => (Err(fault), None),
        }
    }
}

/// A field of a message. No text from outside stands in it as it came: what cannot be an argument must not keep a page
/// from going out.
fn value(telling: &Telling, field: &str) -> Option<String> {
    Some(match field {
        "message" => webhook::message(telling, MESSAGE_BYTES),
        "subject" => words::said(telling).subject,
        "severity" => telling.severity.word().to_owned(),
        "incident" => telling.incident.to_string(),
        "key" => telling.key.clone(),
        "purpose" => telling.purpose.word().to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tests::telling;

    fn settings(rest: &str) -> Settings {
        toml::from_str(&format!("name = 'pager'\n{rest}")).unwrap()
    }

    fn program(rest: &str, telling: &Telling) -> Program {
        Exec::new(&settings(rest)).unwrap().program(telling).unwrap()
    }

    #[test]
    fn each_field_is_one_argument() {
        let exec =
            "exec = ['/bin/echo', '--{{severity}}', '{{subject}}', '{{incident}} {{purpose}}', '{{key}}']";
        let program = program(exec, &telling());
        let subject = "<!channel> @here \\x1b[2J down & out";
        assert_eq!(program.argv, ["/bin/echo", "--critical", subject, "INC-1047 page", "k1"]);
        assert_eq!(program.env["QUELL_KEY"], "k1");
    }

    #[test]
    fn the_largest_message_is_one_argument() {
        let huge = Some(Outside::new("\u{0}\"é\n".repeat(50_000)));
        let packet = (0..40).map(|n| (format!("item {n}"), huge.clone())).collect();
        let program = program("exec = ['/bin/echo', '{{message}}']", &Telling { packet, ..telling() });
        assert!(program.argv[1].len() <= MESSAGE_BYTES);
        let message: serde_json::Value = serde_json::from_str(&program.argv[1]).unwrap();
        assert_eq!((&message["key"], message["packet"].as_object().unwrap().len()), (&"k1".into(), 40));
    }

    #[test]
    fn settings_are_checked() {
        for (rest, why) in [
            ("exec = []", "name a program"),
            ("exec = ['{{message}}']", "name the program"),
            ("exec = ['./page']", "whole path"),
            ("exec = ['page', '{{mesage}}']", "there are message, subject"),
            ("exec = ['page', '{{message']", "close it"),
            ("exec = ['page']\nenv = ['QUELL_KEY']", "quell's to set"),
        ] {
            let fault = Exec::new(&settings(rest)).unwrap_err();
            assert!(fault.detail.raw().contains(why), "{rest}: {:?}", fault.detail);
        }
    }
}
