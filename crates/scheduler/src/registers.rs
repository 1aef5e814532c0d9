//! Do-not-call registers: loading a file of one, and which there are.

use std::collections::HashSet;

use jiff::civil::Date;
use relance_domain::definition::StandardField;
use relance_domain::list::{Row, Verdict};
use relance_domain::{Currency, E164, Span, UserId};
use relance_lists::{Inspection, OpenList, Spooled, Target, Wishes, phone};
use relance_store::StoreError;
use relance_store::campaign::Campaign;
use relance_store::register::{NewRegister, OpenRegister, Register};
use serde::{Deserialize, Serialize};

use crate::load_progress::Progress;
use crate::load_report::{RejectGroup, Tally};
use crate::loads::{off_the_runtime, read_ahead, refuse_open_questions};
use crate::{Engine, Error, Result};

/// Numbers taken, or swept, at a time: operators wait for no more than one such transaction while a register is loaded.
const CHUNK_NUMBERS: usize = 1_000;
/// What a refusal of a register names.
const REGISTER: &str = "the register";

/// A file of a register to be loaded.
#[derive(Debug, Clone)]
pub struct RegisterToLoad {
    /// The register's name, as in `bloctel`.
    pub register: String,
    /// The day that the file tells of.
    pub as_of: Date,
    /// ISO 3166-1 alpha-2 code that national numbers are read in; the campaign's unless told.
    pub country: Option<String>,
    /// The seller it holds for; none means every seller.
    pub seller: Option<String>,
    /// Short name of the campaign it holds for; none means every campaign of the seller.
    pub campaign: Option<String>,
    /// How the file is to be read.
    pub wishes: Wishes,
    /// A word by which the load's progress can be asked for.
    pub ticket: Option<String>,
}

/// What loading a file of a register did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RegisterReport {
    /// The register as it counts now.
    pub register: Register,
    /// The file that it replaced.
    pub replaced: Option<Register>,
    /// SHA-256 of the file.
    pub sha256: String,
    /// What the file was found to be, and what its columns feed.
    pub inspection: Inspection,
    /// Records of the file, without its header.
    pub rows_read: i64,
    /// Rows whose number stands on an earlier line.
    pub duplicates: i64,
    /// Rows that hold no number.
    pub rejected: i64,
    /// Those rows by code, with the first examples.
    pub rejects: Vec<RejectGroup>,
}

/// A register, and how old its file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RegisterShown {
    /// The register.
    #[serde(flatten)]
    pub register: Register,
    /// Days since the one that its file tells of.
    pub age_days: i64,
}

/// What is counted while a file is read.
#[derive(Default)]
struct Taken {
    rows_read: i64,
    duplicates: i64,
    rejected: i64,
    tally: Tally,
    /// Numbers of rows that were rejected for something else, each taken once.
    saved: HashSet<E164>,
}

impl Engine {
    /// Loads a file of a register, which then counts instead of the older one. Its numbers suppress from the first one on; until
    /// it is whole, those of the older file stay.
    pub async fn load_register(
        &self,
        load: RegisterToLoad,
        file: Spooled,
        by: Option<UserId>,
    ) -> Result<RegisterReport> {
        let (new, country) = self.check_register(&load).await?;
        let ticket = load.ticket.clone().unwrap_or_else(|| self.chance.word());
        let progress = self.loads.begin(&ticket, &load.register, file.length, self.now());
        let today = self.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let (bytes, target, wishes) =
            (file.file.clone(), Target::standard(&country, Currency::EUR, today), load.wishes.clone());
        let list = off_the_runtime(move || relance_lists::open(bytes, &target, &wishes)).await??;
        let inspection = list.inspection().clone();
        refuse_open_questions(&inspection)?;
        let numbers = Numbers::of(&inspection, &country);
        let replaced = self.present_register(&load).await?;
        let open = self.store.begin_register(&new).await?;
        let loaded = self.take_register(open, &new, list, &numbers, by, &progress).await;
        let (register, taken) = match loaded {
            Ok(loaded) => loaded,
            Err(error) => {
                self.give_up_register(open).await;
                return Err(error);
            }
        };
        self.sweep_registers().await?;
        tracing::info!(register = load.register, as_of = %load.as_of, numbers = register.numbers, "register.loaded");
        Ok(RegisterReport {
            register,
            replaced,
            sha256: file.sha256,
            inspection,
            rows_read: taken.rows_read,
            duplicates: taken.duplicates,
            rejected: taken.rejected,
            rejects: taken.tally.into_rejects(),
        })
    }

    /// The registers that count, by name.
    pub async fn registers(&self) -> Result<Vec<RegisterShown>> {
        let today = self.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let age = |register: Register| {
            let days = (today - register.as_of).get_days();
            RegisterShown { register, age_days: i64::from(days).max(0) }
        };
        Ok(self.store.registers().await?.into_iter().map(age).collect())
    }

    /// Removes the numbers of files that count no more, in bounded steps.
    pub(crate) async fn sweep_registers(&self) -> Result<()> {
        let step = i64::try_from(CHUNK_NUMBERS).unwrap_or(i64::MAX);
        while !self.store.sweep_registers(step).await? {}
        Ok(())
    }

    async fn check_register(&self, load: &RegisterToLoad) -> Result<(NewRegister, String)> {
        check_name(&load.register)?;
        // No place on earth is further ahead than fourteen hours.
        let latest = Span::minutes(14 * 60).after(self.now()).to_zoned(jiff::tz::TimeZone::UTC).date();
        if load.as_of > latest {
            let message =
                format!("is {}, a day that has not come yet: write the day that the file tells of", load.as_of);
            return Err(Error::field(REGISTER, "as_of", message));
        }
        let campaign = self.scope(REGISTER, load.seller.as_deref(), load.campaign.as_deref()).await?;
        let country = match (&load.country, &campaign) {
            (Some(country), _) => country.clone(),
            (None, Some(campaign)) => self.definition(campaign.id, campaign.version).await?.country.clone(),
            (None, None) => {
                let message = "is missing: say which country's numbers these are, as in FR";
                return Err(Error::field(REGISTER, "country", message));
            }
        };
        let new = NewRegister {
            register: load.register.clone(),
            seller: load.seller.clone(),
            campaign: campaign.map(|campaign: Campaign| campaign.id),
            as_of: load.as_of,
        };
        Ok((new, country))
    }

    async fn present_register(&self, load: &RegisterToLoad) -> Result<Option<Register>> {
        let same = |register: &Register| {
            register.register == load.register && register.seller == load.seller && register.campaign == load.campaign
        };
        Ok(self.store.registers().await?.into_iter().find(same))
    }

    async fn take_register(
        &self,
        open: OpenRegister,
        new: &NewRegister,
        list: OpenList,
        numbers: &Numbers,
        by: Option<UserId>,
        progress: &Progress,
    ) -> Result<(Register, Taken)> {
        let (mut pieces, reader) = read_ahead(list);
        let (mut taken, mut waiting) = (Taken::default(), Vec::new());
        while let Some(piece) = pieces.recv().await {
            for row in &piece.rows {
                taken.take(row, numbers, &mut waiting);
            }
            // What is not a whole chunk waits for the next piece.
            while waiting.len() >= CHUNK_NUMBERS {
                let rest = waiting.split_off(CHUNK_NUMBERS);
                self.store.add_to_register(open, &waiting, by, self.now()).await?;
                waiting = rest;
            }
            progress.rows(piece.rows.len());
            progress.read_to(piece.position);
        }
        reader.await.map_err(|_| Error::ShuttingDown)??;
        self.store.add_to_register(open, &waiting, by, self.now()).await?;
        progress.commits();
        Ok((self.store.commit_register(open, new.as_of, self.now()).await?, taken))
    }

    /// The load's own error is the one to tell; what stays behind if this fails is swept by a loop.
    async fn give_up_register(&self, open: OpenRegister) {
        let given_up = self.store.abandon_register(open).await;
        let swept = match given_up {
            Ok(()) => self.sweep_registers().await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = swept {
            tracing::warn!(register = open.id.0, %error, "register.abandon_failed");
        }
    }

    /// The campaign that a suppression is for, where it is for one. A seller for whom no campaign calls is a slip of the pen that
    /// would leave people callable.
    pub(crate) async fn scope(
        &self,
        what: &'static str,
        seller: Option<&str>,
        campaign: Option<&str>,
    ) -> Result<Option<Campaign>> {
        match (seller, campaign) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => {
                Err(Error::field(what, "campaign", "goes without a seller: a campaign calls for one only"))
            }
            (None, Some(name)) => match self.store.campaign(name).await {
                Ok(campaign) => Ok(Some(campaign)),
                Err(StoreError::NotFound { .. }) => {
                    let known = self.store.campaigns().await?.into_iter().map(|campaign| campaign.campaign);
                    let message = format!("there is no campaign {name:?}: use one of {}", in_order(known));
                    Err(Error::field(what, "campaign", message))
                }
                Err(error) => Err(error.into()),
            },
            (Some(seller), None) => {
                let known = self.store.campaigns().await?.into_iter().map(|campaign| campaign.seller);
                let known: Vec<String> = known.collect();
                if known.iter().any(|name| name == seller) {
                    return Ok(None);
                }
                let known = in_order(known);
                let message = format!("no campaign calls for {seller:?}: use one of {known}, or none for all");
                Err(Error::field(what, "seller", message))
            }
        }
    }
}

fn in_order(names: impl IntoIterator<Item = String>) -> String {
    let names: std::collections::BTreeSet<String> = names.into_iter().collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// A register's name stands in addresses.
fn check_name(name: &str) -> Result<()> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
    if (1..=64).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    let message = "has 1 to 64 lower-case letters, digits, dots, hyphens or underscores, as in bloctel";
    Err(Error::field(REGISTER, "register", message))
}

/// Where the numbers of a file stand, for rows that the reader rejects for something else.
struct Numbers {
    columns: Vec<usize>,
    country: String,
}

impl Numbers {
    fn of(inspection: &Inspection, country: &str) -> Self {
        let feeds_phone = |feeds: &[String]| feeds.iter().any(|field| field == StandardField::Phone.as_str());
        let columns = inspection.columns.iter().enumerate().filter(|(_, column)| feeds_phone(&column.feeds));
        Self { columns: columns.map(|(at, _)| at).collect(), country: country.to_owned() }
    }

    fn in_row(&self, raw: &[String]) -> Vec<E164> {
        let cells = self.columns.iter().filter_map(|at| raw.get(*at));
        cells.filter_map(|cell| phone::normalise(cell, &self.country).ok()).collect()
    }
}

impl Taken {
    /// Takes the numbers of a row. A number counts although another cell of its row is wrong: whoever stands in a register must
    /// not be called over a misspelt date.
    fn take(&mut self, row: &Row, numbers: &Numbers, waiting: &mut Vec<E164>) {
        self.rows_read += 1;
        match &row.verdict {
            Verdict::Accepted(client) => waiting.extend(client.phones.iter().map(|phone| phone.number.clone())),
            Verdict::DuplicateInFile { further, .. } => {
                self.duplicates += 1;
                waiting.extend(further.iter().filter(|number| self.saved.insert((*number).clone())).cloned());
            }
            Verdict::Rejected { raw, .. } => {
                let found = numbers.in_row(raw);
                if found.is_empty() {
                    self.rejected += 1;
                    self.tally.count(std::slice::from_ref(row));
                }
                waiting.extend(found.into_iter().filter(|number| self.saved.insert(number.clone())));
            }
        }
    }
}
