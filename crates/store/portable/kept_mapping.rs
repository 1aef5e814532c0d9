//! What somebody said of a vendor's columns.

use jiff::Timestamp;
use relance_domain::list::KeptMapping;
use relance_store::Result;

use super::rows::{Origin, to_json};
use crate::connect::failed;
use crate::{Connection, Engine};

pub(super) async fn of_vendor(connection: &mut Connection, vendor: &str) -> Result<Vec<KeptMapping>> {
    let rows = sqlx::query_as::<Engine, (String, String)>(
        "-- mapping: those kept of a vendor
        SELECT header, mapping FROM kept_mapping WHERE vendor = $1 ORDER BY kept_at_ms DESC, header",
    )
    .bind(vendor)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let origin = Origin::new("kept_mapping", 0);
    rows.into_iter()
        .map(|(header, mapping)| {
            Ok(KeptMapping { header: origin.json("header", &header)?, mapping: origin.json("mapping", &mapping)? })
        })
        .collect()
}

pub(super) async fn keep(connection: &mut Connection, vendor: &str, kept: &KeptMapping, now: Timestamp) -> Result<()> {
    sqlx::query(
        "-- mapping: keep it for the next file with this header
        INSERT INTO kept_mapping (vendor, header, mapping, kept_at_ms) VALUES ($1, $2, $3, $4)
        ON CONFLICT (vendor, header) DO UPDATE SET mapping = excluded.mapping, kept_at_ms = excluded.kept_at_ms",
    )
    .bind(vendor)
    .bind(to_json(&kept.header))
    .bind(to_json(&kept.mapping))
    .bind(now.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
