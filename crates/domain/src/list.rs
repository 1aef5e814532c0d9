//! What a list is and what became of each of its rows.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::E164;
use crate::zone::{ZoneName, ZoneSource};

/// Where a list came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListSource {
    /// Bought from a vendor; it must name the vendor and the basis of consent.
    Purchased,
    /// The seller's own clients, present or past.
    Existing,
    /// Named by other clients.
    Referral,
    /// From a form on the web.
    Web,
}

impl ListSource {
    /// Every source.
    pub const ALL: [Self; 4] = [Self::Purchased, Self::Existing, Self::Referral, Self::Web];

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Purchased => "purchased",
            Self::Existing => "existing",
            Self::Referral => "referral",
            Self::Web => "web",
        }
    }
}

/// A row that can become a client and a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedClient {
    /// The number to call.
    pub phone: E164,
    /// The client's number at the seller or vendor.
    pub reference: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Street and house number.
    pub street: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Postal code.
    pub postcode: Option<String>,
    /// State or region code.
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2 code of the address.
    pub country: String,
    /// Their zone and how it was found; `None` means not callable.
    pub zone: Option<(ZoneName, ZoneSource)>,
    /// The campaign's own facts, by field name, in canonical text: dates as `2026-11-23`, money as `24.99`.
    pub facts: BTreeMap<String, String>,
}

/// Why a row of a file was not taken. Each code is stable; the counts of a report are kept by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RejectCode {
    /// The row has more or fewer fields than the header.
    WrongFieldCount,
    /// The phone cell is empty.
    PhoneMissing,
    /// The phone cell holds no valid number.
    PhoneInvalid,
    /// A cell does not hold what its column promises.
    FieldInvalid,
    /// The row's bytes are not text in the file's encoding.
    NotText,
}

impl RejectCode {
    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongFieldCount => "wrong_field_count",
            Self::PhoneMissing => "phone_missing",
            Self::PhoneInvalid => "phone_invalid",
            Self::FieldInvalid => "field_invalid",
            Self::NotText => "not_text",
        }
    }
}

/// A row that was not taken, with what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reject {
    /// Why, as a code.
    pub code: RejectCode,
    /// The header of the column at fault, where one is.
    pub column: Option<String>,
    /// What was wrong and what would be right; values masked.
    pub message: String,
}

/// What became of one record of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The physical line on which the record begins, from 1.
    pub line: u64,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of one record, as far as the file alone can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It can become a lead.
    Accepted(Box<ListedClient>),
    /// The same number stands on an earlier line of this file.
    DuplicateInFile {
        /// That line.
        first_line: u64,
    },
    /// It was not taken. The raw record comes along, so that it can be mended and loaded again.
    Rejected {
        /// Why.
        reject: Reject,
        /// The fields as they stood.
        raw: Vec<String>,
    },
}

/// What a list is: asked at load, kept with every lead's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The name people read.
    pub name: String,
    /// Where it came from.
    pub source: ListSource,
    /// Who sold it. Required for a purchased list.
    #[serde(default)]
    pub vendor: Option<String>,
    /// What it cost, in the campaign's currency, as `1200.00`.
    #[serde(default)]
    pub cost: Option<String>,
    /// The last day on which it may be used.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub licence_until: Option<Date>,
    /// Why its people may be called, in words. Required for a purchased list.
    #[serde(default)]
    pub consent_basis: Option<String>,
}

/// What a purchased list lacks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a purchased list needs {missing}: a list whose origin is not declared is not loaded")]
pub struct Undeclared {
    /// The fields that are missing.
    pub missing: &'static str,
}

impl Provenance {
    /// A purchased list says who sold it and why its people may be called.
    pub fn check(&self) -> Result<(), Undeclared> {
        let given = |field: &Option<String>| field.as_deref().is_some_and(|text| !text.trim().is_empty());
        match (self.source, given(&self.vendor), given(&self.consent_basis)) {
            (ListSource::Purchased, false, false) => Err(Undeclared { missing: "a vendor and a consent basis" }),
            (ListSource::Purchased, false, true) => Err(Undeclared { missing: "a vendor" }),
            (ListSource::Purchased, true, false) => Err(Undeclared { missing: "a consent basis" }),
            _ => Ok(()),
        }
    }
}
