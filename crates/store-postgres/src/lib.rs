//! Production: many nodes on one PostgreSQL.
//!
//! Transactions run at READ COMMITTED. Who works on a person holds that person's row; candidates that another node
//! holds are skipped. Deadlocks and serialisation failures are retried by the shared code.

mod connect;
mod dialect;
mod listen;

#[path = "../../store/portable/mod.rs"]
mod portable;

pub use connect::PostgresStore;
use connect::{Connection, Engine, PostgresStore as EngineStore};
