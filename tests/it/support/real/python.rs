//! A real `python3` with a real `tar`: what an auditor has.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::programs;
use crate::support::scratch::{Ran, run};

/// The programs.
pub struct Python {
    python: PathBuf,
    tar: PathBuf,
}

impl Python {
    /// Where they are.
    pub fn find() -> Option<Self> {
        let [python, tar] = programs(["python3", "tar"])?;
        Some(Self { python, tar })
    }

    /// Where `python3` is.
    pub fn program(&self) -> &Path {
        &self.python
    }

    /// Unpacks a tar file into a folder.
    pub fn unpack(&self, file: &Path, into: &Path) {
        let ran = run(Command::new(&self.tar).arg("-xf").arg(file).arg("-C").arg(into));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    }

    /// Runs a program of one file: with no modules of this machine's own, and nothing written beside it.
    pub fn run(&self, file: &Path) -> Ran {
        run(Command::new(&self.python).args(["-I", "-B"]).arg(file))
    }

    /// Runs a few lines in a folder.
    pub fn lines(&self, lines: &str, folder: &Path) -> Ran {
        run(Command::new(&self.python).args(["-c", lines]).current_dir(folder))
    }
}
