//! The module's tests. `vectors_*` ask the shipped pack; each is named after the rule it holds.

mod person;
mod properties;
mod reading;
mod reading_faults;
mod set;
mod small;
mod vectors_america;
mod vectors_europe;
mod vectors_world;
