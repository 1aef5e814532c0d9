//! What goes wrong with another database, told without its secrets and without values of its rows.

use relance_domain::phone::mask;
use relance_scheduler::SourceError;

use crate::{CONNECT_MAX, QUERY_MAX};

/// Why no rows came, or no more.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It does not answer, or lets nobody in.
    Away(String),
    /// It does not take the query.
    Refused(String),
    /// The query took too long.
    TooSlow,
    /// Nobody wants the rows any more.
    Unwanted,
}

impl Fault {
    /// No connection came about in time.
    pub(crate) fn no_connection() -> Self {
        Self::Away(format!("no connection within {} seconds", CONNECT_MAX.as_secs()))
    }

    /// The fault as the engine tells it.
    pub(crate) fn of(self, database: &str) -> SourceError {
        let database = database.to_owned();
        match self {
            Self::Away(message) => SourceError::Away { database, message },
            Self::Refused(message) => SourceError::Refused { database, message },
            Self::TooSlow => {
                let message = format!("the query took longer than {} minutes", QUERY_MAX.as_secs() / 60);
                SourceError::Refused { database, message }
            }
            Self::Unwanted => SourceError::Refused { database, message: "the reading was given up".to_owned() },
        }
    }
}

/// SQLSTATE classes whose messages speak of the query and the connection, and never of a row.
const OF_THE_QUERY: [&str; 9] = ["08", "0A", "25", "28", "3D", "3F", "42", "53", "54"];

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else {
            return match error {
                sqlx::Error::Io(error) => Self::Away(error.to_string()),
                sqlx::Error::Tls(_) => Self::Away("no TLS connection came about".to_owned()),
                sqlx::Error::Configuration(_) => Self::Away("its URL in the settings cannot be read".to_owned()),
                sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                    Self::Refused("a value cannot be read as text in UTF-8: convert it in the query".to_owned())
                }
                _ => Self::Refused("the connection broke off".to_owned()),
            };
        };
        let code = database.code().unwrap_or_default().into_owned();
        // SQLSTATEs have five characters; SQLite's result codes are numbers whose low byte is the kind.
        let (class, primary) = (code.get(..2).filter(|_| code.len() == 5), code.parse::<i64>().map(|code| code & 0xff));
        match (class, primary) {
            _ if code == "57014" => Self::TooSlow,
            (Some("08" | "28" | "3D" | "53" | "57"), _) => Self::Away(without_values(database.message())),
            (Some(class), _) if OF_THE_QUERY.contains(&class) => Self::Refused(database.message().to_owned()),
            (Some(_), _) => Self::Refused(without_values(database.message())),
            (None, Ok(5 | 6 | 10 | 14 | 26)) => Self::Away(database.message().to_owned()),
            (None, _) => Self::Refused(database.message().to_owned()),
        }
    }
}

/// A message with everything hidden that may come from a row: what stands in quotes, and numbers as long as a phone's.
fn without_values(message: &str) -> String {
    let parts = message.split('"').enumerate();
    let hidden = parts.map(|(at, part)| if at % 2 == 1 { mask(part) } else { without_long_numbers(part) });
    hidden.collect::<Vec<_>>().join("\"")
}

fn without_long_numbers(text: &str) -> String {
    let digits = |word: &str| word.bytes().filter(u8::is_ascii_digit).count();
    let words = text.split(' ').map(|word| if digits(word) > 5 { mask(word) } else { word.to_owned() });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_tells_no_value() {
        let told = without_values("invalid input syntax for type integer: \"Dupont-Martin\", see 0199001234");
        assert_eq!(told, "invalid input syntax for type integer: \"Dup••••••••in\", see 019•••••34");
    }
}
