//! PagerDuty's error codes in words that a responder can act on.

use serde::Deserialize;

use crate::domain::fault::Fault;
use crate::domain::plan::HttpRequest;
use crate::domain::text::Outside;
use crate::net::{Answer, Meaning};

/// Bytes of its own words that are kept.
const SAID_BYTES: usize = 200;

#[derive(Deserialize)]
struct Body {
    error: Said,
}

/// What every answer that is no success says, where it says anything.
#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    message: String,
    #[serde(default)]
    code: u32,
    #[serde(default)]
    errors: Vec<String>,
}

impl Said {
    fn of(answer: &Answer) -> Self {
        serde_json::from_slice::<Body>(&answer.body).map(|body| body.error).unwrap_or_default()
    }

    /// What it amounts to; the code decides where it is known, else its own words.
    fn words(&self, status: u16) -> String {
        let known = match self.code {
            1001 => "it is resolved there already",
            1002 => "it is acknowledged there already",
            1003 => "it cannot go to that status there",
            1005 => "somebody changed it there since; look again",
            1006 => {
                "it cannot be escalated there: no level of its policy is left, or none is armed; reassign it"
            }
            1007 => "there is no such user to assign it to; choose another",
            1008 => "there is no user with the address in `from`; correct it",
            1012 => "it is not acknowledged there; acknowledge it first",
            1013 => "it cannot be snoozed for so long; 1 s to 7 days",
            1014 => "there is no such escalation policy any more",
            1015 => "nobody is on call at that level; choose another level, or reassign it to a person",
            1018 => "this key, or the user in `from`, may not do that",
            1019 => "it was merged into another one already",
            1020 => "there is no such priority; choose another",
            2002 => "nobody may read that far: only the first 10 000 can be listed",
            2018 => "it was resolved, and this key may not see it any more",
            2020 => "too many requests",
            5001 => "there is no such incident there, or this key may not see it",
            _ => match status {
                402 => "this account's plan does not include that",
                404 => "there is no such thing there, or this key may not see it",
                _ => "",
            },
        };
        let own = self.errors.first().filter(|first| !first.is_empty()).unwrap_or(&self.message);
        let own = Outside::capped(own.clone(), SAID_BYTES);
        match (known, own.is_blank()) {
            ("", true) => String::new(),
            ("", false) => own.safe().to_string(),
            (known, _) => known.to_owned(),
        }
    }
}

/// The answer if it is a success, else its fault in words that a responder can act on.
pub(super) fn success(answer: Answer) -> Result<Answer, Fault> {
    answer.success_or(|answer| {
        let said = Said::of(answer);
        let words = Some(said.words(answer.status)).filter(|words| !words.is_empty())?;
        Some(if said.code > 0 { format!("{words} ({})", said.code) } else { words })
    })
}

/// What an answer to a write means. That something is acknowledged or resolved already is what was asked for.
pub(super) fn meaning(request: &HttpRequest, answer: &Answer) -> Option<Meaning> {
    if answer.is_success() {
        return None;
    }
    let said = Said::of(answer);
    let words = Some(said.words(answer.status)).filter(|words| !words.is_empty())?;
    let asks = |status: &str| {
        let body =
            request.body.as_deref().and_then(|body| serde_json::from_str::<serde_json::Value>(body).ok());
        body.is_some_and(|body| body.pointer("/incident/status").is_some_and(|asked| asked == status))
    };
    let already = said.code == 1001 && asks("resolved") || said.code == 1002 && asks("acknowledged");
    let code = if said.code > 0 { said.code.to_string() } else { answer.status.to_string() };
    Some(Meaning { words: format!("{words} ({code})"), already })
}
