//! Why something inside the ledger could not be done, before it is known of which file.

use std::path::Path;

use super::{LedgerError, broken};

/// What went wrong inside a transaction.
pub(super) enum Trouble {
    Ledger(Box<LedgerError>),
    Sqlite(rusqlite::Error),
}

impl Trouble {
    /// The same, said of the file.
    pub(super) fn of(self, path: &Path) -> LedgerError {
        match self {
            Self::Ledger(error) => match *error {
                LedgerError::Broken { why, .. } => {
                    LedgerError::Broken { path: path.display().to_string(), why }
                }
                other => other,
            },
            Self::Sqlite(error) => broken(path, &error),
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(Box::new(error))
    }
}
