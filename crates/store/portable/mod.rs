//! What both engines share: the text of portable SQL and the code around it, one file per subject. Each store crate
//! compiles this folder with its own `crate::{Engine, Connection, Tx}` and its own `crate::dialect`.

mod callback;
mod campaign;
mod claim;
mod hand_out;
mod idempotency;
mod lease;
pub(crate) mod list;
mod list_undo;
mod outcome;
mod question;
mod rows;
mod store;
mod suppression;
mod tariff;
mod user;
