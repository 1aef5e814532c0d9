//! Numbers, and the hashes that they are looked up by.
//!
//! A node that lacks a key would not find the rows that are hashed with it, and would let people be called who said no. Every look-up
//! therefore reads the newest version that the database knows as well, in the same statement or a later one: a row is hashed with a
//! key only after that key's version was committed, so that whoever could miss the row sees the version, and refuses.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use relance_domain::E164;
use relance_domain::phone::is_tombstone;
use relance_domain::rules::Relationship;
use relance_domain::suppression::SuppressionKeys;
use relance_store::{Result, StoreError};

use super::rows::{Origin, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Numbers that are asked about, by each of their hashes.
pub(super) struct Asked<'a> {
    phones: HashMap<String, &'a str>,
}

impl<'a> Asked<'a> {
    /// Stored numbers; the place of one that was erased is asked about in vain. `origin` names who has them.
    pub(super) fn about(
        keys: &SuppressionKeys,
        origin: Origin,
        stored: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self> {
        let mut phones = HashMap::new();
        for text in stored.into_iter().filter(|text| !is_tombstone(text)) {
            let phone = E164::parse(text).map_err(|_| origin.corrupt("phone"))?;
            phones.extend(keys.hashes(&phone).iter().map(|hash| (hash.to_string(), text)));
        }
        Ok(Self { phones })
    }

    /// The hashes as the JSON array that a statement takes.
    pub(super) fn hashes(&self) -> String {
        to_json(&self.phones.keys().collect::<Vec<_>>())
    }

    /// The number that a row of the answer is about.
    pub(super) fn phone(&self, hash: &str) -> Option<&'a str> {
        self.phones.get(hash).copied()
    }
}

/// What stands against a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Against {
    /// Something that no consent lifts.
    Suppression,
    /// Registers only; the newest of their files tells of this day. A consent of a later day, or being something to the seller,
    /// leaves it to the calling rules whether it counts, at the hand-out.
    Registers(Date),
}

impl Against {
    /// Whether it stands whatever was agreed to on a day, if anything was, and whatever the person is to the seller.
    pub(super) fn holds(self, agreed_on: Option<Date>, relationship: Relationship) -> bool {
        match self {
            Self::Suppression => true,
            Self::Registers(day) => relationship == Relationship::None && agreed_on.is_none_or(|agreed| agreed <= day),
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Registers(one), Self::Registers(other)) => Self::Registers(one.max(other)),
            _ => Self::Suppression,
        }
    }
}

/// What was found of numbers.
#[derive(Default)]
pub(super) struct Found<'a> {
    /// Those that must not be called for the campaign, and what stands against each.
    pub(super) against: HashMap<&'a str, Against>,
    /// Those that are suppressed for anybody.
    pub(super) anywhere: HashSet<&'a str>,
}

/// Which of these numbers must not be called, for the campaign and at all.
pub(super) async fn standing<'a>(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    asked: &Asked<'a>,
    campaign: i64,
) -> Result<Found<'a>> {
    // Planned anew each time: a plan that was made while the table was empty reads it whole when it has become large.
    let rows = sqlx::query_as::<Engine, (i64, Option<String>, Option<String>, Option<bool>)>(concat!(
        "-- suppression: hashes that stand, whether for a campaign, the days of their registers, and the newest key of any row
        SELECT known.newest, standing.phone_hash, standing.as_of, standing.counts
        FROM (SELECT COALESCE(MAX(version), 0) AS newest FROM suppression_key) AS known
        LEFT JOIN (
            SELECT suppression.phone_hash,
                CASE WHEN register.generation >= suppression.register_generation THEN register.as_of END AS as_of,
                (suppression.seller IS NULL OR suppression.seller = campaign.seller)
                    AND (suppression.campaign_id IS NULL OR suppression.campaign_id = campaign.id) AS counts
            FROM suppression
            JOIN campaign ON campaign.id = $2
            LEFT JOIN register ON register.id = suppression.register_id
            WHERE ",
        dialect::among!("suppression.phone_hash", "$1"),
        ") AS standing ON TRUE"
    ))
    .persistent(false)
    .bind(asked.hashes())
    .bind(campaign)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    if let Some((newest, ..)) = rows.first() {
        covered(keys, *newest)?;
    }
    let mut numbers = Found::default();
    for (_, hash, as_of, counts) in &rows {
        let Some(phone) = hash.as_deref().and_then(|hash| asked.phone(hash)) else { continue };
        numbers.anywhere.insert(phone);
        if *counts != Some(true) {
            continue;
        }
        // A file that is being written counts already, but tells of no day yet.
        let day = Origin::new("register", campaign).parse_some::<Date>("as_of", as_of.as_deref())?;
        let found = day.map_or(Against::Suppression, Against::Registers);
        numbers.against.entry(phone).and_modify(|known| *known = known.and(found)).or_insert(found);
    }
    Ok(numbers)
}

/// A suppression of a number that was asked about.
pub(super) struct Standing<'a> {
    pub(super) phone: &'a str,
    seller: Option<String>,
    campaign: Option<i64>,
    /// The register that it comes from.
    pub(super) register: Option<String>,
    /// The day of the register's file. One that is being written counts already, but tells of no day yet.
    pub(super) as_of: Option<Date>,
}

impl Standing<'_> {
    /// Whether it stands for a campaign of a seller.
    pub(super) fn is_for(&self, seller: &str, campaign: i64) -> bool {
        self.seller.as_deref().is_none_or(|of| of == seller) && self.campaign.is_none_or(|of| of == campaign)
    }

    /// What it comes to.
    pub(super) fn against(&self) -> Against {
        self.as_of.map_or(Against::Suppression, Against::Registers)
    }
}

type StandingRow = (i64, Option<String>, Option<String>, Option<i64>, Option<String>, Option<String>);

/// All that stands against these numbers, for whichever seller and campaign.
pub(super) async fn everything_against<'a>(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    asked: &Asked<'a>,
) -> Result<Vec<Standing<'a>>> {
    let rows = sqlx::query_as::<Engine, StandingRow>(concat!(
        "-- suppression: all that stands against these numbers, and the newest key of any row
        SELECT known.newest, standing.phone_hash, standing.seller, standing.campaign_id, standing.register, standing.as_of
        FROM (SELECT COALESCE(MAX(version), 0) AS newest FROM suppression_key) AS known
        LEFT JOIN (
            SELECT suppression.phone_hash, suppression.seller, suppression.campaign_id, register.name AS register,
                CASE WHEN register.generation >= suppression.register_generation THEN register.as_of END AS as_of
            FROM suppression LEFT JOIN register ON register.id = suppression.register_id
            WHERE ",
        dialect::among!("suppression.phone_hash", "$1"),
        ") AS standing ON TRUE"
    ))
    .bind(asked.hashes())
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    if let Some((newest, ..)) = rows.first() {
        covered(keys, *newest)?;
    }
    let mut standing = Vec::new();
    for (_, hash, seller, campaign, register, as_of) in rows {
        let Some(phone) = hash.as_deref().and_then(|hash| asked.phone(hash)) else { continue };
        let as_of = Origin::new("register", campaign.unwrap_or_default()).parse_some("as_of", as_of.as_deref())?;
        standing.push(Standing { phone, seller, campaign, register, as_of });
    }
    Ok(standing)
}

/// Holds that the node has every key that rows are hashed with.
pub(super) fn covered(keys: &SuppressionKeys, newest: i64) -> Result<()> {
    if newest == 0 {
        return Err(StoreError::WrongKey(
            "the database has taken no suppression key yet: migrate it with this node's keys first".to_owned(),
        ));
    }
    if newest > keys.newest() {
        return Err(StoreError::WrongKey(format!(
            "suppressions are hashed with version {newest} of the suppression key, and this node has {} only: add the newer key to \
             the file of its setting suppression_key_file, or to suppression_key, and start it again",
            keys.newest()
        )));
    }
    Ok(())
}

/// The newest version that rows are hashed with, which new rows get as well. To be read after a look-up that does not read it.
pub(super) async fn newest(connection: &mut Connection, keys: &SuppressionKeys) -> Result<i64> {
    let newest = sqlx::query_scalar::<Engine, i64>(
        "-- suppression: the newest key of any row
        SELECT COALESCE(MAX(version), 0) FROM suppression_key",
    )
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    covered(keys, newest)?;
    Ok(newest)
}

/// The hash that a new row of a number gets.
pub(super) fn new_hash(keys: &SuppressionKeys, phone: &E164, version: i64) -> Result<String> {
    let hash = keys.hash_at(phone, version).ok_or_else(|| lacks(version))?;
    Ok(hash.to_string())
}

/// The node has no key of a version.
pub(super) fn lacks(version: i64) -> StoreError {
    StoreError::WrongKey(format!("this node has no version {version} of the suppression key"))
}

/// Every number of a client, the one that is dialled first at the front. One who was erased has none.
pub(super) async fn phones_of(connection: &mut Connection, client: i64) -> Result<Vec<E164>> {
    let phones = sqlx::query_scalar::<Engine, String>(
        "-- suppression: a person's numbers
        SELECT phone FROM client WHERE id = $1 UNION ALL SELECT phone FROM client_phone WHERE client_id = $1",
    )
    .bind(client)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let origin = Origin::new("client", client);
    let numbers = phones.iter().filter(|phone| !is_tombstone(phone));
    numbers.map(|phone| E164::parse(phone).map_err(|_| origin.corrupt("phone"))).collect()
}
