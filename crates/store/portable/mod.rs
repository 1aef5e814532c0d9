//! What both engines share: the text of portable SQL and the code around it, one file per subject. Each store crate
//! compiles this folder with its own `crate::{Engine, Connection, Tx}` and its own `crate::dialect`.

pub(crate) mod bulk;
mod callback;
mod campaign;
mod candidate;
mod claim;
mod client;
mod client_merge;
mod erasure;
mod facts;
mod floor;
mod hand_out;
mod idempotency;
mod kept_mapping;
mod lane;
mod lead;
mod lead_merge;
mod lease;
mod list;
mod list_undo;
mod load;
mod load_changes;
mod load_insert;
mod load_rows;
mod mix;
mod outcome;
mod pull;
mod question;
mod register;
mod retention;
mod rows;
mod store;
mod suppression;
mod suppression_hash;
mod suppression_key;
mod tariff;
mod user;
