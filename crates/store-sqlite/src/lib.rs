//! The embedded default: one SQLite file.
//!
//! One connection writes, several read. Every write transaction begins with `BEGIN IMMEDIATE`, so that it waits for its
//! turn instead of failing half-way. Commits are durable: `synchronous = FULL`.

mod connect;
mod dialect;
mod log;

#[path = "../../store/portable/mod.rs"]
mod portable;

pub use connect::SqliteStore;
use connect::{Connection, Engine, SqliteStore as EngineStore};
