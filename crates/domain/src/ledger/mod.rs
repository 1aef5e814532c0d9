//! Did what is on record keep the promises? Judged from stored facts alone, by the rules that decided: pure functions over a
//! person's whole record ([`judge_person`]), what stands against their numbers ([`judge_suppressed`]) and one reopening
//! ([`judge_reopening`]).
//!
//! The record is taken as text and numbers, as it is stored, because somebody may have changed it by hand: what cannot be read is a
//! violation too, and never a failure. What nothing on record can tell is counted as [`NotJudged`] and never taken for right.
//!
//! Order is told by keys where keys tell it: those of a person's hand-outs grow as they are committed, because each holds the person.
//! Instants are read before a transaction begins, and clocks of nodes differ. Where only instants tell an order, two that lie within
//! [`TOGETHER`] may have come either way, and the record is judged by whichever clears it.

mod books;
mod facts;
mod found;
mod hand_out;
mod lead;
mod person;
mod record;
mod reopening;
mod replay;
mod report;
mod suppressed;
#[cfg(test)]
mod tests;

pub use books::{Books, BooksAsStored, CampaignChange, RegisterFile, StoredDefinition, StoredRules, StoredTariff};
pub use found::{Findings, NotJudged, Promise, Violation};
pub use person::judge_person;
pub use record::{
    AttemptRecord, ClientRecord, HandOutRecord, InRegister, LeadRecord, PersonRecord, PhoneRecord, PromiseMade,
    RefusalMade, RefusalRecord, ReopeningRecord, SuppressedLead, SuppressedRecord, SuppressionRecord, VersionOfTariff,
};
pub use reopening::judge_reopening;
pub use suppressed::judge_suppressed;

use crate::Span;

/// Within which two instants do not tell what came first: longer than a transaction waits for its turn.
pub const TOGETHER: Span = Span::of_seconds(15);
