//! Questions over outcomes: the report of a campaign, and exports.

mod export;
mod orders;
mod report;

pub use export::OutcomeCsv;
pub use orders::OrderCsv;
pub use report::{FunnelStep, ReasonLine, Report, Section, VendorLine, YieldLine, report};
