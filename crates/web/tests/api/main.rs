//! The API from outside: a router over an engine on a SQLite file of its own.

mod assignments;
mod away;
mod calls;
mod document;
mod downloads;
mod health;
mod idempotency;
mod late;
mod orders;
mod people;
mod permissions;
mod problems;
mod queue;
mod rules;
mod site;
mod uploads;
