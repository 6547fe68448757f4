//! A long text goes to the person's own editor and comes back.

use crate::console::chord::{Chord, Key};
use crate::console::editing::{self, Handed, Put};
use crate::console::effect::Effect;
use crate::console::model::Model;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// What is said where the editor failed.
const AS_IT_WAS: &str = "the text is as it was";

/// Hands the text with the caret out, where the key asks for that.
pub(super) fn begin(model: &Model, chord: Chord) -> Option<Effect> {
    let asks = chord.ctrl && chord.key == Key::Char('o');
    model.prompt.as_ref().filter(|_| asks).and_then(editing::hand_out).map(Effect::Edit)
}

/// Takes in what was written; where that failed, what stood there stays, and so does the file with what was written.
pub(super) fn end(
    model: &mut Model,
    at: Time,
    handed: &Handed,
    written: Result<Outside, String>,
    file: Option<&str>,
) -> Vec<Effect> {
    let why = match written {
        Err(why) => format!("{AS_IT_WAS}: {why}"),
        Ok(written) => match model.prompt.as_mut().map(|prompt| editing::put(prompt, handed, &written)) {
            Some(Put::Whole) => {
                // What failed before was made good.
                model.toast.take_if(|toast| toast.text.contains(AS_IT_WAS));
                return vec![Effect::DropDraft];
            }
            Some(Put::Cut) => "the text was too long: its end is cut off".to_owned(),
            Some(Put::Gone) | None => "what you wrote went nowhere: that is not asked any more".to_owned(),
        },
    };
    // Where it is kept comes first: over a question there is one line for it.
    let kept = file.map(|file| format!("kept in {file}: ")).unwrap_or_default();
    model.fail(at, format!("{kept}{why}"))
}
