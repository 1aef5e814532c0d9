//! People who are known already, and what a new list may change about them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ClientId;
use crate::list::ListedClient;
use crate::zone::{ZoneName, ZoneSource};

/// What a list may change about a person who is known: never their suppression, history or caps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UpdatePolicy {
    /// What is not known yet is filled in.
    #[default]
    FillGaps,
    /// What the list says goes before what is known.
    Overwrite,
    /// Nothing changes.
    Keep,
}

impl UpdatePolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::FillGaps, Self::Overwrite, Self::Keep];

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FillGaps => "fill_gaps",
            Self::Overwrite => "overwrite",
            Self::Keep => "keep",
        }
    }

    fn permits(self, before: Option<&str>, after: &str) -> bool {
        match self {
            Self::FillGaps => before.is_none(),
            Self::Overwrite => before != Some(after),
            Self::Keep => false,
        }
    }
}

/// What a list can change about a known person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// A further number.
    Phone,
    /// The client's number at the seller or vendor.
    Reference,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Street and house number.
    Street,
    /// Town.
    City,
    /// Postal code.
    Postcode,
    /// State or region code.
    Region,
    /// Time zone.
    TimeZone,
    /// How the time zone was found.
    ZoneSource,
    /// The campaign's facts, on the lead that the person has in it.
    Facts,
}

impl Changed {
    /// Everything that can change.
    pub const ALL: [Self; 11] = [
        Self::Phone,
        Self::Reference,
        Self::FirstName,
        Self::LastName,
        Self::Street,
        Self::City,
        Self::Postcode,
        Self::Region,
        Self::TimeZone,
        Self::ZoneSource,
        Self::Facts,
    ];

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Reference => "reference",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Street => "street",
            Self::City => "city",
            Self::Postcode => "postcode",
            Self::Region => "region",
            Self::TimeZone => "time_zone",
            Self::ZoneSource => "zone_source",
            Self::Facts => "facts",
        }
    }

    /// What this word stands for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|changed| changed.as_str() == word)
    }
}

/// One change of a known person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What changes.
    pub what: Changed,
    /// What was known; `None` for a gap that is filled.
    pub before: Option<String>,
    /// What the list says.
    pub after: String,
    /// The extension of a further number.
    pub extension: Option<String>,
}

/// What is known of a person whose number stands in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownClient {
    /// Key.
    pub id: ClientId,
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
    /// Time zone and how it was found.
    pub zone: Option<(ZoneName, ZoneSource)>,
    /// The facts on the person's lead in the campaign, where there is one.
    pub facts: Option<BTreeMap<String, String>>,
}

/// What a row changes about the person it was recognised as. `new_phones` are the row's numbers that nobody has yet. An empty
/// cell never takes something away.
#[must_use]
pub fn changes(known: &KnownClient, row: &ListedClient, new_phones: &[usize], policy: UpdatePolicy) -> Vec<Change> {
    if policy == UpdatePolicy::Keep {
        return Vec::new();
    }
    let mut changes = Vec::new();
    for phone in row.phones.iter().enumerate().filter(|(at, _)| new_phones.contains(at)).map(|(_, phone)| phone) {
        changes.push(Change {
            what: Changed::Phone,
            before: None,
            after: phone.number.reveal().to_owned(),
            extension: phone.extension.clone(),
        });
    }
    let texts = [
        (Changed::Reference, &known.reference, &row.reference),
        (Changed::FirstName, &known.first_name, &row.first_name),
        (Changed::LastName, &known.last_name, &row.last_name),
        (Changed::Street, &known.street, &row.street),
        (Changed::City, &known.city, &row.city),
        (Changed::Postcode, &known.postcode, &row.postcode),
        (Changed::Region, &known.region, &row.region),
    ];
    for (what, before, after) in texts {
        if let Some(after) = after.as_ref().filter(|after| policy.permits(before.as_deref(), after)) {
            changes.push(Change { what, before: before.clone(), after: after.clone(), extension: None });
        }
    }
    changes.extend(zone_changes(known, row, policy));
    changes.extend(facts_change(known, row, policy));
    changes
}

/// A zone is only overruled by one that is known at least as well: a number says less than an address.
fn zone_changes(known: &KnownClient, row: &ListedClient, policy: UpdatePolicy) -> Vec<Change> {
    let Some((zone, source)) = &row.zone else { return Vec::new() };
    let before = known.zone.as_ref();
    let weaker = before.is_some_and(|(_, known)| strength(*source) < strength(*known));
    if weaker || !policy.permits(before.map(|(zone, _)| zone.as_str()), zone.as_str()) {
        return Vec::new();
    }
    let change = |what, before: Option<String>, after: String| Change { what, before, after, extension: None };
    vec![
        change(Changed::TimeZone, before.map(|(zone, _)| zone.to_string()), zone.to_string()),
        change(Changed::ZoneSource, before.map(|(_, source)| source.as_str().to_owned()), source.as_str().to_owned()),
    ]
}

fn strength(source: ZoneSource) -> u8 {
    match source {
        ZoneSource::List => 3,
        ZoneSource::Address => 2,
        ZoneSource::Number => 1,
        ZoneSource::Default => 0,
    }
}

fn facts_change(known: &KnownClient, row: &ListedClient, policy: UpdatePolicy) -> Option<Change> {
    let before = known.facts.as_ref()?;
    let mut after = before.clone();
    for (name, value) in &row.facts {
        if policy.permits(before.get(name).map(String::as_str), value) {
            after.insert(name.clone(), value.clone());
        }
    }
    let json = |facts: &BTreeMap<String, String>| serde_json::Value::from_iter(facts.clone()).to_string();
    (after != *before).then(|| Change {
        what: Changed::Facts,
        before: Some(json(before)),
        after: json(&after),
        extension: None,
    })
}
