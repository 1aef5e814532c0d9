//! Suppressions as they are stored: do-not-call registers, each known by its latest file, and what stands against one person.

use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::{CampaignId, RegisterId};
use serde::{Deserialize, Serialize};

/// A file of a register that is to be loaded. A register is known by its name and by whom it holds for: the same name may be
/// kept for several sellers or campaigns apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRegister {
    /// The register's name, as in `bloctel`.
    pub register: String,
    /// The seller it holds for; none means every seller.
    pub seller: Option<String>,
    /// The campaign it holds for; none means every campaign of the seller.
    pub campaign: Option<CampaignId>,
    /// The day that the file tells of.
    pub as_of: Date,
}

/// A file of a register that is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenRegister {
    /// The register.
    pub id: RegisterId,
    /// Which of its files this is.
    pub generation: i64,
}

/// A register as it counts now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Register {
    /// Its name.
    pub register: String,
    /// The seller it holds for; none means every seller.
    pub seller: Option<String>,
    /// The short name of the campaign it holds for; none means every campaign of the seller.
    pub campaign: Option<String>,
    /// The day that its present file tells of.
    #[schema(value_type = String, format = Date)]
    pub as_of: Date,
    /// The numbers of that file.
    pub numbers: i64,
    /// When the file was loaded.
    pub loaded_at: Timestamp,
}

/// Something that keeps a person from being called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Suppression {
    /// The number, masked.
    pub phone: String,
    /// The seller who must not call it; none means every seller.
    pub seller: Option<String>,
    /// The short name of the campaign that must not call it; none means every campaign of the seller.
    pub campaign: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// Since when it is known here.
    pub since: Timestamp,
    /// Who entered it.
    pub by: Option<String>,
    /// The register it stands in.
    pub register: Option<String>,
    /// The day that the register's file tells of; none while a newer file is being loaded, which counts from its first number on.
    #[schema(value_type = Option<String>, format = Date)]
    pub as_of: Option<Date>,
}

impl Suppression {
    /// Whether it keeps a campaign of a seller from calling.
    #[must_use]
    pub fn holds_for(&self, seller: &str, campaign: &str) -> bool {
        self.seller.as_deref().is_none_or(|of| of == seller) && self.campaign.as_deref().is_none_or(|of| of == campaign)
    }
}
