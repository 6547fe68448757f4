//! The keys of questions and forms, which stay as they are whatever else was changed: most letters are text there, and what
//! confirms a change is the same at every keyboard.

use crate::console::chord::Chord;

/// Keys, and what they do wherever they mean something.
pub const FIXED: &[(&str, &str)] = &[
    ("enter", "go on; on the last line, or where there is one, do what is asked"),
    ("esc q", "one step back; q where nothing is typed"),
    ("y n", "yes and no, where that is asked; on a plan or a link y copies it"),
    ("tab shift-tab", "the next line or choice, the one before; tab first completes what is typed"),
    ("down up j k", "the same; j and k where nothing is typed"),
    ("ctrl-n ctrl-p", "the next and the one before of what could be meant"),
    ("left right", "turn the choice of a line, as space does"),
    ("pgdn pgup g G", "scroll what is longer than the screen, to its ends"),
    ("space", "a page on, or the next choice of a line"),
    ("ctrl-s", "do what the form is for, from any line of it"),
    ("ctrl-j alt-enter", "a new line in a text of several"),
    ("ctrl-o", "write the text in your editor"),
    ("p ctrl-p", "plan only: read it, nothing can be sent from there; of a bulletin, its preview"),
    ("ctrl-l", "what a bulletin changes of the one before"),
    ("f w s", "fill in an escalation; waive what is missing; stop after this one"),
    ("a d r 0-9", "steps of an escalation: add, delete, this one (again), after how long"),
    ("ctrl-y", "copy the packet of an escalation"),
    ("ctrl-g", "break the glass instead of asking a second person"),
    ("home end", "in a text: to its ends, as ctrl-a and ctrl-e"),
    ("ctrl-b ctrl-f", "in a text: one letter back, one on, as left and right"),
    ("backspace delete", "in a text: away with the letter, as ctrl-h and ctrl-d"),
    ("ctrl-u ctrl-k", "in a text: away with all before the caret, all behind it"),
    ("ctrl-w", "in a text: away with the word before the caret"),
    ("ctrl-c", "leave a question; a form that holds text asks first"),
];

/// Whether a question or a form uses this key, under whichever name it stands in the table.
pub fn is_used(chord: Chord) -> bool {
    let words =
        FIXED.iter().flat_map(|(keys, does)| [keys, does]).flat_map(|text| text.split([' ', ',', ';']));
    words.filter_map(Chord::parse).any(|used| used == chord)
}
