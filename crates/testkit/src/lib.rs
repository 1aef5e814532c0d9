//! What tests share: databases of their own, a clock that stands still, small campaigns and lists, a world in which a
//! story can be told in a few lines, the invariants of the database, and the conformance suite that every store must
//! pass. A development dependency only.

pub mod both_stores;
pub mod builders;
pub mod chance;
pub mod clock;
pub mod conformance;
pub mod invariants;
pub mod keys;
mod plans;
pub mod postgres;
pub mod reports;
pub mod simulation;
pub mod world;

pub use clock::ManualClock;
pub use world::World;
