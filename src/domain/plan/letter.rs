//! A plan to the letter, as text to be kept: everything the person who confirmed it saw.

use super::{HttpRequest, Invocation, LookUp, Plan, Program, Publication, Request, Telling, Verify};
use crate::domain::playbook::Confirm;
use crate::domain::text::SafeText;
use crate::domain::time::date_time;

/// Columns of the names.
const NAMES: usize = 11;

impl Plan {
    /// Everything the plan says, a line each, in the profile in which different texts never look the same.
    pub fn letter(&self) -> Vec<String> {
        let mut page = Letter::default();
        page.line("incident", &self.basis.incident.to_string());
        page.line("plan", &self.title);
        page.line("does", &self.blast);
        if let Some((name, value)) = &self.target {
            page.line("target", &format!("{name} = {}", value.raw()));
        }
        // The letter of a bulletin says what was given for it.
        let values = (!matches!(self.request, Request::Publish(_))).then_some(&self.parameters);
        for (name, value) in values.into_iter().flatten() {
            page.line("value", &format!("{name} = {} ({})", value.value.raw(), value.origin.words()));
        }
        for capture in &self.before {
            page.line("before", &format!("{} is kept, within {}", capture.name, capture.within));
            page.invocation("read", &capture.read);
        }
        page.request(&self.request);
        if let Some(look_up) = &self.look_up {
            page.look_up(look_up);
        }
        match &self.verify {
            Some(verify) => page.verify(verify),
            None => page.line("verified", "not at all"),
        }
        page.line("undone by", self.undone_by.as_deref().unwrap_or("nothing quell knows of"));
        for (action, stage) in &self.basis.earlier {
            page.line("earlier", &format!("#{action} {}", stage.word()));
        }
        for warning in &self.warnings {
            page.line("warning", warning);
        }
        page.line(
            "confirmed",
            match self.confirm {
                Confirm::Enter => "by Enter",
                Confirm::TypeTarget => "by typing the target",
            },
        );
        if self.approvals > 0 {
            page.line("approval", "by a second person");
        }
        for because in &self.approval_because {
            page.line("because", because);
        }
        page.line("key", &format!("{}{}", self.key, if self.idempotent { " (may be repeated)" } else { "" }));
        page.line("made", &date_time(self.made_at));
        page.line("hash", &self.hash.0);
        page.0
    }
}

#[derive(Default)]
struct Letter(Vec<String>);

impl Letter {
    fn line(&mut self, name: &str, text: &str) {
        self.0.push(format!("{name:<NAMES$} {}", SafeText::exact(text)));
    }

    fn request(&mut self, request: &Request) {
        match request {
            Request::Http(request) => self.http("request", request),
            Request::Exec(program) => self.program("program", program),
            Request::Tell(telling) => self.tell(telling),
            Request::Publish(publication) => self.publish(publication),
        }
    }

    fn invocation(&mut self, name: &str, invocation: &Invocation) {
        match invocation {
            Invocation::Http(request) => self.http(name, request),
            Invocation::Exec(program) => self.program(name, program),
        }
    }

    fn program(&mut self, name: &str, program: &Program) {
        let mut name = name;
        for word in &program.argv {
            self.line(std::mem::replace(&mut name, "argument"), word);
        }
        for (name, value) in &program.env {
            self.line("variable", &format!("{name}={value}"));
        }
        for name in &program.pass {
            self.line("variable", &format!("{name}, as quell has it"));
        }
        self.line("ended", &format!("after {}", program.within));
    }

    fn http(&mut self, name: &str, request: &HttpRequest) {
        self.line(name, &format!("{} {}", request.method, request.url));
        self.line("as", &format!("api:{}", request.api));
        for (name, value) in &request.headers {
            self.line("header", &format!("{name}: {value}"));
        }
        if let Some(body) = &request.body {
            self.line("body", body);
        }
    }

    fn look_up(&mut self, look_up: &LookUp) {
        self.invocation("looked up", &look_up.read);
        for (pointer, value) in &look_up.shown {
            self.line("says", &format!("{pointer} = {}", value.raw()));
        }
        if let Some(why) = &look_up.unverified {
            self.line("failed", why.raw());
        }
    }

    fn verify(&mut self, verify: &Verify) {
        self.invocation("verified", &verify.read);
        for (pointer, value) in &verify.expect {
            self.line("expects", &format!("{pointer} = {value} within {}", verify.within));
        }
    }

    fn tell(&mut self, telling: &Telling) {
        self.line("to", &telling.to.join(", "));
        self.line("subject", telling.subject.raw());
        for (item, value) in &telling.packet {
            let value = value.as_ref().map_or("not yet known", |value| value.raw());
            self.line("item", &format!("{item}: {value}"));
        }
    }

    fn publish(&mut self, publication: &Publication) {
        for posting in &publication.postings {
            self.line("to", &posting.channel);
            self.line("subject", posting.subject.raw());
            self.line("body", posting.body.raw());
        }
    }
}
