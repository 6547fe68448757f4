//! A text in the person's own editor: it has the terminal while the console goes on behind it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use chrono::TimeDelta;
use rustix::termios::Termios;

use super::{Ended, Next, Running, mode};
use crate::console::editing::Handed;
use crate::console::message::Message;
use crate::domain::fault::Fault;
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::exec;
use crate::os::{clock, env, files, random};

/// Bytes that are read of what was written.
const LARGEST: u64 = 1 << 20;
/// A draft that was kept is deleted when another one is begun so long after it was last written to.
const KEPT: TimeDelta = TimeDelta::days(30);
/// An editor that was asked to end, or to stop, is waited for this long.
const ENDS_WITHIN: Duration = Duration::from_millis(500);

/// A text that is being edited.
pub(super) struct Editing {
    editor: exec::Editor,
    draft: Draft,
    handed: Handed,
    /// How the terminal was set when the editor got it.
    settings: Option<Termios>,
}

impl Editing {
    /// Has the editor give the terminal back as it would to its shell, and takes it, set as it was handed out.
    pub(super) async fn stop(&mut self) {
        self.editor.stop(ENDS_WITHIN).await;
        self.settings.iter().for_each(mode::settle);
    }

    /// Gives the terminal to the editor again, and lets it go on where it was stopped.
    pub(super) fn go_on(&self) {
        if !self.editor.has_terminal() {
            // Who is in the background is stopped for this until a shell brings it back.
            self.settings.iter().for_each(mode::settle);
        }
        self.editor.go_on();
    }
}

/// The end of the editor, where there is one.
pub(super) async fn ended(editing: Option<&mut Editing>) -> std::io::Result<ExitStatus> {
    match editing {
        Some(editing) => editing.editor.ended().await,
        None => std::future::pending().await,
    }
}

/// A file of the person's alone, in a folder of its own: an editor leaves others beside it.
pub(super) struct Draft {
    folder: PathBuf,
    file: PathBuf,
}

impl Draft {
    fn write(drafts: &Path, text: &str) -> Result<Self, Fault> {
        let name: String = random::bytes::<8>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let folder = drafts.join(name);
        files::private_dir(drafts)?;
        files::private_dir(&folder)?;
        sweep(drafts, clock::now());
        let draft = Self { file: folder.join("text.md"), folder };
        files::write_private(&draft.file, text.as_bytes())?;
        Ok(draft)
    }

    /// What stands in it now.
    fn read(&self) -> Result<Outside, String> {
        let unread = |why: &dyn std::fmt::Display| format!("what you wrote cannot be read: {why}");
        let file = std::fs::File::open(&self.file).map_err(|error| unread(&error))?;
        let mut text = String::new();
        file.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| unread(&error))?;
        match u64::try_from(text.len()) {
            Ok(..=LARGEST) => Ok(Outside::new(text)),
            _ => Err("what you wrote is larger than 1 MiB".to_owned()),
        }
    }

    /// Deletes it, with all that stands beside it.
    pub(super) fn remove(&self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "a draft is left");
        }
    }

    /// Where it is, if it holds more than was handed out: an editor that was ended may have left that beside the file.
    /// Else it is deleted.
    fn worth_keeping(&self, was: &str) -> Option<String> {
        let alone = std::fs::read_dir(&self.folder).is_ok_and(|beside| beside.count() == 1);
        if alone && std::fs::read(&self.file).is_ok_and(|text| text == was.as_bytes()) {
            self.remove();
            return None;
        }
        let file = self.file.display().to_string();
        tracing::warn!(file, "a draft is kept");
        Some(file)
    }
}

/// Deletes the drafts that nobody came back for.
fn sweep(drafts: &Path, now: Time) {
    let written = |path: &Path| std::fs::metadata(path).and_then(|it| it.modified()).map(Time::from).ok();
    for folder in std::fs::read_dir(drafts).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let beside = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let last = beside.chain([folder.clone()]).filter_map(|path| written(&path)).max();
        if last.is_some_and(|last| now - last > KEPT) {
            Draft { file: PathBuf::new(), folder }.remove();
        }
    }
}

/// The person's editor with its arguments: `VISUAL`, else `EDITOR`, split as a shell would and run by none.
fn editor(variable: impl Fn(&str) -> Option<String>) -> Result<Vec<String>, String> {
    let (name, line) = ["VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| Some((*name, variable(name)?)))
        .ok_or_else(|| "no editor is named: set VISUAL or EDITOR".to_owned())?;
    match shlex::split(&line) {
        None => Err(format!("{name} cannot be read: a quotation mark is not closed")),
        Some(argv) if argv.is_empty() => Err(format!("{name} names no program")),
        Some(argv) => Ok(argv),
    }
}

impl Running {
    /// Hands the terminal and a text to the person's editor.
    pub(super) async fn edit(&mut self, handed: Handed) {
        match self.hand_over(&handed).await {
            Ok((editor, draft, settings)) => {
                self.editing = Some(Editing { editor, draft, handed, settings });
            }
            Err(why) => self.take(Message::Edited { handed, written: Err(why), file: None }),
        }
    }

    async fn hand_over(&mut self, handed: &Handed) -> Result<(exec::Editor, Draft, Option<Termios>), String> {
        let said = |fault: Fault| fault.detail.safe().to_string();
        let argv = editor(env::var)?;
        let draft = Draft::write(&self.drafts, &handed.text).map_err(said)?;
        self.keyboard.lend();
        self.screen.leave().await;
        let settings = mode::settings();
        match exec::edit(&argv, &draft.file) {
            Ok(editor) => Ok((editor, draft, settings)),
            Err(fault) => {
                draft.remove();
                self.take_back(settings.as_ref());
                Err(said(fault))
            }
        }
    }

    /// The editor has ended: takes the terminal back, and in what was written.
    pub(super) fn edited(&mut self, ended: std::io::Result<ExitStatus>) {
        let Some(Editing { editor, draft, handed, settings }) = self.editing.take() else { return };
        let written = match ended {
            Ok(status) if status.success() => draft.read(),
            Ok(status) => Err(match status.code() {
                Some(code) => format!("the editor ended with exit {code}"),
                None => "the editor was killed".to_owned(),
            }),
            Err(error) => Err(format!("the editor was lost: {error}")),
        };
        let file = match &written {
            Ok(_) => Some(draft.file.display().to_string()),
            Err(_) => draft.worth_keeping(&handed.text),
        };
        drop(editor);
        self.take_back(settings.as_ref());
        self.draft = Some(draft);
        self.take(Message::Edited { handed, written, file });
        // What did not find its field is left where it is.
        self.draft = None;
    }

    /// Takes the terminal over again, whatever the editor made of its settings. Nobody reads it before: what was typed
    /// for the editor is no command.
    fn take_back(&mut self, settings: Option<&Termios>) {
        if let Some(settings) = settings {
            mode::settle(settings);
        }
        if self.screen.enter_again().is_err() {
            self.next = Some(Next::Leave(Ended::HungUp));
            return;
        }
        self.screen.retitle(&self.model.title);
        self.keyboard.take_back();
        self.resize();
    }

    /// The console ends: the editor ends first, and the terminal is as it was handed over. Nobody reads it meanwhile.
    pub(super) async fn end_editor(&mut self) {
        let Some(Editing { mut editor, draft, handed, settings }) = self.editing.take() else { return };
        editor.end(ENDS_WITHIN).await;
        drop(editor);
        if let Some(settings) = &settings {
            mode::settle(settings);
        }
        if let Some(file) = draft.worth_keeping(&handed.text) {
            mode::say(format!("quell: what you were writing is kept in {file}\n").as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_editor_is_split_and_no_shell_reads_it() {
        let named = |visual: Option<&str>, editor: Option<&str>| {
            super::editor(|name| if name == "VISUAL" { visual } else { editor }.map(str::to_owned))
        };
        assert_eq!(named(None, Some("vi")), Ok(vec!["vi".to_owned()]));
        assert_eq!(named(Some("code --wait"), Some("vi")).unwrap(), ["code", "--wait"]);
        assert_eq!(
            named(None, Some("'/opt/my editor/ed' -s $(id) ;")).unwrap(),
            ["/opt/my editor/ed", "-s", "$(id)", ";"]
        );
        for (visual, editor) in [(None, None), (Some("vi \""), None), (Some("  "), None)] {
            assert!(named(visual, editor).is_err(), "{visual:?}");
        }
    }

    #[test]
    fn a_draft_is_the_persons_alone_and_is_deleted_with_all_that_stands_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let drafts = home.path().join("drafts");
        let draft = Draft::write(&drafts, "as it was").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&drafts), mode(&draft.folder), mode(&draft.file)), (0o700, 0o700, 0o600));
        assert_eq!(draft.read().unwrap().raw(), "as it was");
        std::fs::write(draft.folder.join(".text.md.swp"), "").unwrap();
        std::fs::write(&draft.file, [0xff, 0xfe]).unwrap();
        assert!(draft.read().is_err(), "no text");
        std::fs::write(&draft.file, "a".repeat(1 + (1 << 20))).unwrap();
        assert!(draft.read().unwrap_err().contains("larger"));
        draft.remove();
        assert_eq!(std::fs::read_dir(&drafts).unwrap().count(), 0);
    }

    #[test]
    fn a_draft_is_kept_where_it_holds_more_than_was_handed_out() {
        let home = tempfile::tempdir().unwrap();
        let drafts = home.path().join("drafts");
        let draft = Draft::write(&drafts, "as it was").unwrap();
        assert_eq!(draft.worth_keeping("as it was"), None);
        assert!(!draft.folder.exists());
        let draft = Draft::write(&drafts, "as it was").unwrap();
        std::fs::write(draft.folder.join(".text.md.swp"), "what was not saved").unwrap();
        assert_eq!(draft.worth_keeping("as it was"), Some(draft.file.display().to_string()));
        let draft = Draft::write(&drafts, "as it was").unwrap();
        std::fs::write(&draft.file, [0xff]).unwrap();
        assert!(draft.worth_keeping("as it was").is_some());
        assert_eq!(std::fs::read_dir(&drafts).unwrap().count(), 2);
    }

    #[test]
    fn what_nobody_came_back_for_is_deleted_after_a_month() {
        let home = tempfile::tempdir().unwrap();
        let drafts = home.path().join("drafts");
        let old = Draft::write(&drafts, "old").unwrap();
        let beside = old.folder.join(".text.md.swp");
        std::fs::write(&beside, "younger").unwrap();
        let begun = clock::now();
        sweep(&drafts, begun + KEPT - TimeDelta::hours(1));
        assert!(old.file.exists());
        let written = begun + TimeDelta::days(3);
        std::fs::File::open(&beside).unwrap().set_modified(written.into()).unwrap();
        sweep(&drafts, begun + KEPT + TimeDelta::days(1));
        assert!(old.file.exists(), "somebody wrote beside it");
        sweep(&drafts, written + KEPT + TimeDelta::hours(1));
        assert!(!old.folder.exists());
        sweep(&home.path().join("none"), begun);
    }
}
