//! The campaigns of the demo, compiled in.

use anyhow::{Context, Result};
use relance_domain::campaign::{Folder, SourceFile};
use relance_domain::list::Relationship;

/// A campaign folder, compiled in.
pub(super) struct Embedded {
    /// The campaign's short name.
    pub(super) campaign: &'static str,
    /// The name of its list.
    pub(super) list_name: &'static str,
    /// What its people are to the seller.
    pub(super) relationship: Relationship,
    /// Its `clients.csv`.
    pub(super) clients: &'static [u8],
    /// Its definition and tariffs, by path.
    files: &'static [(&'static str, &'static str)],
}

/// A file of `campaigns/` with its path.
macro_rules! file {
    ($path:literal) => {
        (concat!("campaigns/", $path), include_str!(concat!("../../../../campaigns/", $path)))
    };
}

/// Every campaign of the demo.
pub(super) const EMBEDDED: &[Embedded] = &[
    Embedded {
        campaign: "fibre-winback",
        list_name: "Clients who left",
        relationship: Relationship::FormerContract,
        clients: include_bytes!("../../../../campaigns/fibre-winback/clients.csv"),
        files: &[
            file!("fibre-winback/campaign.toml"),
            file!("fibre-winback/tariffs/copper-premium.toml"),
            file!("fibre-winback/tariffs/fibre-25.toml"),
            file!("fibre-winback/tariffs/fibre-gig.toml"),
            file!("fibre-winback/tariffs/northwest-20.toml"),
        ],
    },
    Embedded {
        campaign: "bank-loan",
        list_name: "Clients of the bank",
        relationship: Relationship::Contract,
        clients: include_bytes!("../../../../campaigns/bank-loan/clients.csv"),
        files: &[
            file!("bank-loan/campaign.toml"),
            file!("bank-loan/tariffs/loan-39.toml"),
            file!("bank-loan/tariffs/loan-49-long.toml"),
        ],
    },
];

impl Embedded {
    /// The folder as it travels to the engine.
    pub(super) fn folder(&self) -> Result<Folder> {
        let mut files = self.files.iter().map(|(path, text)| SourceFile { path: (*path).into(), text: (*text).into() });
        let campaign = files.next().context("the demo lost a campaign file")?;
        Ok(Folder { campaign, tariffs: files.collect(), clients: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is compiled in is what lies there: a tariff that is added to a folder belongs into the demo.
    #[test]
    fn every_file_of_the_folders_is_compiled_in() {
        for embedded in EMBEDDED {
            let folder =
                std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../campaigns").join(embedded.campaign);
            let tariffs = std::fs::read_dir(folder.join("tariffs")).expect("a folder").count();
            assert_eq!(embedded.files.len(), 1 + tariffs, "{}", embedded.campaign);
            let report = relance_domain::campaign::check_folder(&embedded.folder().expect("a folder"));
            assert!(report.passed, "{:#?}", report.problems());
        }
    }
}
