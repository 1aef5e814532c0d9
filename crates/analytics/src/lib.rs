//! Questions over outcomes: the report of a campaign, and exports.

mod brought;
mod export;
mod orders;
mod report;

pub use brought::{BroughtLine, MeasuredEffect, Revenue, TariffReport, tariff_report};
pub use export::OutcomeCsv;
pub use orders::OrderCsv;
pub use report::{FunnelStep, ReasonLine, Report, Section, VendorLine, YieldLine, report};
