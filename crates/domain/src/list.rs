//! What a list is and what became of each of its rows.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::E164;
pub use crate::rules::Relationship;
use crate::rules::{Consent, ConsentClass};
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

/// A number of a person and what is dialled after it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPhone {
    /// The number.
    pub number: E164,
    /// Digits to dial behind a switchboard; never part of the number.
    pub extension: Option<String>,
}

/// What a row says of its person's consent to be called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListedConsent {
    /// Whether they agreed; `None` where the row does not say.
    pub given: Option<bool>,
    /// The day on which they did.
    pub on: Option<Date>,
    /// The words they agreed to.
    pub wording: Option<String>,
    /// Whether they agreed to be called outside the permitted hours too; `None` where the row does not say.
    pub hours_waiver: Option<bool>,
}

impl ListedConsent {
    /// The consent as the calling rules look at it, of a person of a list that does or does not say in words why its people may be
    /// called.
    #[must_use]
    pub fn for_rules(&self, list_has_basis: bool) -> Consent {
        Consent {
            class: self.class(list_has_basis),
            given_on: self.on,
            last_used_on: None,
            hours_waiver: self.hours_waiver == Some(true),
        }
    }

    /// How good the consent is, on a list that does or does not say in words why its people may be called.
    #[must_use]
    pub fn class(&self, list_has_basis: bool) -> ConsentClass {
        match (self.given, self.on, &self.wording) {
            (Some(false), ..) => ConsentClass::Refused,
            (None, ..) => ConsentClass::Unsaid,
            (Some(true), Some(_), Some(_)) => ConsentClass::Written,
            (Some(true), Some(_), None) if list_has_basis => ConsentClass::Proven,
            (Some(true), ..) => ConsentClass::Given,
        }
    }
}

/// A row that can become a client and a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedClient {
    /// The numbers to call, without repetition, the first to be dialled first.
    pub phones: Phones,
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
    /// The language they speak, as an ISO 639-1 code.
    pub language: Option<String>,
    /// The jurisdictions they lie in ([`crate::rules::Place`] in words), once the calling rules have been asked; a file does not
    /// say it.
    pub place: Option<String>,
    /// The campaign's own facts, by field name, in canonical text: dates as `2026-11-23`, money as `24.99`.
    pub facts: BTreeMap<String, String>,
    /// What the row says of consent.
    pub consent: ListedConsent,
    /// The columns that feed nothing, by header, as they stood.
    pub attributes: BTreeMap<String, String>,
}

/// The numbers of one person: one or more, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phones {
    first: ListedPhone,
    others: Vec<ListedPhone>,
}

impl Phones {
    /// A person with this number.
    #[must_use]
    pub fn new(first: ListedPhone) -> Self {
        Self { first, others: Vec::new() }
    }

    /// Adds a number, unless it is there already.
    pub fn add(&mut self, phone: ListedPhone) {
        if self.iter().all(|known| known.number != phone.number) {
            self.others.push(phone);
        }
    }

    /// The number to dial first.
    #[must_use]
    pub fn first(&self) -> &ListedPhone {
        &self.first
    }

    /// All numbers, the first to be dialled first.
    pub fn iter(&self) -> impl Iterator<Item = &ListedPhone> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

/// What was noticed of an accepted row and changed nothing about the verdict: counted in the report of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// A spreadsheet had dropped the number's leading zero.
    LeadingZeroRestored,
    /// A spreadsheet had written the number with an exponent; all its digits were there.
    ExponentWrittenOut,
    /// The number's fraction (`.0`, `,00`) was cut.
    FractionCut,
    /// A plus sign was put before the number, as the whole column lacks it.
    PlusRestored,
    /// A letter O was read as a zero, as asked.
    LetterReadAsZero,
    /// The cell held several numbers.
    SeveralNumbers,
    /// Digits behind the number are kept as its extension.
    ExtensionKept,
    /// One of several numbers was not usable and was left out.
    NumberLeftOut,
    /// The row ends early; the columns it lacks are empty.
    RowPadded,
    /// The row is text in another encoding than the file.
    OtherEncoding,
    /// The row was encoded twice, and repaired as asked.
    EncodedTwice,
    /// The date of the consent lies in the future: the consent is not taken for one.
    ConsentInFuture,
    /// The number is a fixed line of another time zone than the postal address, which counts.
    ZonesDisagree,
}

impl Remark {
    /// Every remark.
    pub const ALL: [Self; 13] = [
        Self::LeadingZeroRestored,
        Self::ExponentWrittenOut,
        Self::FractionCut,
        Self::PlusRestored,
        Self::LetterReadAsZero,
        Self::SeveralNumbers,
        Self::ExtensionKept,
        Self::NumberLeftOut,
        Self::RowPadded,
        Self::OtherEncoding,
        Self::EncodedTwice,
        Self::ConsentInFuture,
        Self::ZonesDisagree,
    ];
}

impl Remark {
    /// The remark in words, as the beginning of a line that goes on with a count.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::LeadingZeroRestored => "The number's leading zero was restored",
            Self::ExponentWrittenOut => "The number's exponent was written out",
            Self::FractionCut => "The number's fraction was cut",
            Self::PlusRestored => "A plus sign was put before the number, as the whole column lacks it",
            Self::LetterReadAsZero => "A letter O was read as a zero",
            Self::SeveralNumbers => "A cell holds several numbers",
            Self::ExtensionKept => "An extension is kept beside the number",
            Self::NumberLeftOut => "One of several numbers is not usable and was left out",
            Self::RowPadded => "The row ends early; the columns it lacks are empty",
            Self::OtherEncoding => "The row is text in the other encoding",
            Self::EncodedTwice => "The row was encoded twice and is repaired",
            Self::ConsentInFuture => "The consent's date lies in the future: it is not taken for one",
            Self::ZonesDisagree => "Number and address lie in different time zones",
        }
    }
}

/// A set of remarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Remarks(u16);

impl Remarks {
    /// Adds one.
    pub fn add(&mut self, remark: Remark) {
        self.0 |= 1 << remark as u16;
    }

    /// Adds those of another set.
    pub fn add_all(&mut self, others: Self) {
        self.0 |= others.0;
    }

    /// Those in the set.
    pub fn iter(self) -> impl Iterator<Item = Remark> {
        Remark::ALL.into_iter().filter(move |remark| self.0 & (1 << *remark as u16) != 0)
    }
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
    /// What was noticed besides.
    pub remarks: Remarks,
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
        /// Another earlier line, where the row's numbers stand on two: it says that two persons are one.
        joins: Option<u64>,
        /// The row's numbers that stand on no earlier line.
        further: Vec<E164>,
    },
    /// It was not taken. The raw record comes along, so that it can be mended and loaded again.
    Rejected {
        /// Why.
        reject: Reject,
        /// The fields as they stood.
        raw: Vec<String>,
    },
}

/// What somebody said a column feeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MappedColumn {
    /// The header as it stands in the file, or `col 3`.
    pub column: String,
    /// A field by its name in the campaign, a standard one or its own; `-` keeps the column as an attribute.
    pub field: String,
}

/// What somebody said of the columns of a file, kept for the next file with the same header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptMapping {
    /// The header.
    pub header: Vec<String>,
    /// What its columns feed.
    pub mapping: Vec<MappedColumn>,
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
    /// The day it was bought.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub purchased_on: Option<Date>,
    /// The number or name of the contract it was bought under.
    #[serde(default)]
    pub contract: Option<String>,
    /// What its people are to the seller besides consent: some rules let the parties of a contract be called without.
    #[serde(default)]
    pub relationship: Relationship,
}

/// What a purchased list lacks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a purchased list needs {missing}: a list whose origin is not declared is not loaded")]
pub struct Undeclared {
    /// The fields that are missing.
    pub missing: &'static str,
}

impl Provenance {
    /// A list of the seller's own clients of which nothing else is said.
    #[must_use]
    pub fn existing(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            source: ListSource::Existing,
            vendor: None,
            cost: None,
            licence_until: None,
            consent_basis: None,
            purchased_on: None,
            contract: None,
            relationship: Relationship::None,
        }
    }

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
