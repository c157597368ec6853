//! What SQLite says went wrong, as the contracts say it.

use playhouse_core::cache::CacheError;
use playhouse_core::store::StoreError;
use playhouse_core::trouble::Trouble;
use rusqlite::{Error, ErrorCode};

/// Why something was not done, or nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nothing was done: the file takes no writes.
    Unwritable(String),
    /// What was read makes no sense.
    Damaged(String),
    /// Nothing was done.
    Away(String),
    /// It may have been done.
    Unknown(String),
}

impl Failure {
    /// Of something that ended before anything was committed.
    pub(crate) fn before_commit(error: &Error) -> Self {
        Self::of(error, Self::Away)
    }

    /// Of the commit itself. What did not fit was not committed; after any other error it may turn up again.
    pub(crate) fn of_commit(error: &Error) -> Self {
        Self::of(error, Self::Unknown)
    }

    fn of(error: &Error, otherwise: impl FnOnce(String) -> Self) -> Self {
        match error {
            Error::SqliteFailure(code, _) => match code.code {
                ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                    Self::Unwritable(why(error))
                }
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged(why(error)),
                _ => otherwise(why(error)),
            },
            Error::FromSqlConversionFailure(..) | Error::InvalidColumnType(..) | Error::Utf8Error(..) => {
                Self::Damaged(why(error))
            }
            _ => otherwise(why(error)),
        }
    }
}

/// In words that help, which SQLite's own for a full disk do.
pub(crate) fn why(error: &Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk, or what `actors.file_size` leaves of it, is full".to_owned(),
        Some(ErrorCode::ReadOnly) => "the file is read-only".to_owned(),
        _ => error.to_string(),
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unwritable(why) => Self::Unwritable(why),
            Failure::Damaged(why) => Self::Damaged(why),
            Failure::Away(why) => Trouble::Away(why).into(),
            Failure::Unknown(why) => Trouble::Unknown(why).into(),
        }
    }
}

impl From<Failure> for CacheError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unwritable(why) | Failure::Damaged(why) | Failure::Away(why) => {
                Trouble::Away(why).into()
            }
            Failure::Unknown(why) => Trouble::Unknown(why).into(),
        }
    }
}
