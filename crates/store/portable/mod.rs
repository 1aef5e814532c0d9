//! What both engines share: the text of portable SQL and the code around it, one file per subject. Each store crate
//! compiles this folder with its own `crate::{Engine, Connection, Tx}` and its own `crate::dialect`.

pub(crate) mod bulk;
mod callback;
mod campaign;
mod claim;
mod client;
mod client_merge;
mod hand_out;
mod hold;
mod idempotency;
mod kept_mapping;
mod late;
mod lead_merge;
mod lease;
mod list;
mod list_undo;
mod load;
mod load_changes;
mod load_insert;
mod load_rows;
mod outcome;
mod pull;
mod question;
mod register;
mod rows;
mod store;
mod suppression;
mod take;
mod tariff;
mod user;
