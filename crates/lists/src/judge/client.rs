//! The cells of a row beside its numbers.

use std::collections::BTreeMap;

use relance_domain::ZoneName;
use relance_domain::definition::{FieldKind, StandardField};
use relance_domain::list::{ListedClient, ListedConsent, Reject, Remark, Remarks};
use relance_domain::spreadsheet::without_guard;
use relance_domain::zone::{self, Whereabouts, ZoneSource};

use super::Judge;
use super::phones::Read;
use crate::cell;
use crate::table::Record;
use crate::zone_by_number;

impl Judge {
    /// The client that a row is, once its numbers are read.
    pub(super) fn client(
        &self,
        read: Read,
        record: &Record<'_>,
        remarks: &mut Remarks,
    ) -> Result<ListedClient, Reject> {
        let country = self.stated_country(record).unwrap_or_else(|| self.code.clone());
        let read_as = |field, read: fn(&str) -> Result<String, String>| self.standard(record, field, read);
        let text = |field| read_as(field, cell::text);
        let mut client = ListedClient {
            phones: read.phones,
            reference: text(StandardField::Reference)?,
            first_name: read_as(StandardField::FirstName, cell::name)?,
            last_name: read_as(StandardField::LastName, cell::name)?,
            street: text(StandardField::Street)?,
            city: text(StandardField::City)?,
            postcode: self.standard(record, StandardField::Postcode, |cell| cell::postcode(cell, &country))?,
            region: text(StandardField::Region)?,
            country,
            zone: None,
            language: read_as(StandardField::Language, cell::language)?,
            place: None,
            facts: self.facts(record)?,
            consent: self.consent(record, remarks)?,
            attributes: self.attributes(record),
        };
        let stated = self.stated_zone(record)?;
        client.zone = self.zone(&client, stated.as_ref(), read.fixed_line, remarks);
        Ok(client)
    }

    /// Where the address and a fixed line are not in the same zone, the address counts, and it is remarked.
    fn zone(
        &self,
        client: &ListedClient,
        stated: Option<&ZoneName>,
        fixed_line: bool,
        remarks: &mut Remarks,
    ) -> Option<(ZoneName, ZoneSource)> {
        let person = Whereabouts {
            stated,
            country: &client.country,
            region: client.region.as_deref(),
            postcode: client.postcode.as_deref(),
            by_number: zone_by_number::zones(&client.phones.first().number),
            fixed_line,
        };
        let resolved = zone::resolve(person, self.target.default_time_zone.as_ref());
        if resolved.disagrees {
            remarks.add(Remark::ZonesDisagree);
        }
        resolved.zone
    }

    fn standard(
        &self,
        record: &Record<'_>,
        field: StandardField,
        read: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Option<String>, Reject> {
        let Some(at) = self.columns.standard.get(&field) else { return Ok(None) };
        self.cell(record, *at, read)
    }

    fn facts(&self, record: &Record<'_>) -> Result<BTreeMap<String, String>, Reject> {
        let mut facts = BTreeMap::new();
        for fact in &self.columns.facts {
            let cell = without_guard(record.cell(fact.at));
            let value = cell::read_or_empty(cell, &fact.kind, fact.habits);
            if let Some(value) = value.map_err(|wrong| self.field_invalid(fact.at, cell, &wrong))? {
                facts.insert(fact.name.clone(), value);
            }
        }
        Ok(facts)
    }

    /// A consent with a date that is yet to come is none, whatever the row says.
    fn consent(&self, record: &Record<'_>, remarks: &mut Remarks) -> Result<ListedConsent, Reject> {
        let column = |field| self.columns.standard.get(&field).copied();
        let read = |field, kind: &FieldKind| match column(field) {
            Some(at) => cell::read_or_empty(record.cell(at), kind, self.columns.habits(field))
                .map_err(|wrong| self.field_invalid(at, record.cell(at), &wrong)),
            None => Ok(None),
        };
        let given = read(StandardField::Consent, &FieldKind::YesNo)?.map(|word| word == "yes");
        let on = read(StandardField::ConsentDate, &FieldKind::Date)?.and_then(|day| day.parse().ok());
        let wording = self.standard(record, StandardField::ConsentWording, cell::text)?;
        let hours_waiver = self.standard(record, StandardField::HoursWaiver, cell::yes_no)?.map(|word| word == "yes");
        if on.is_some_and(|day: jiff::civil::Date| day > self.target.today) {
            remarks.add(Remark::ConsentInFuture);
            return Ok(ListedConsent { given: None, on: None, wording, hours_waiver: None });
        }
        // Who has a day of consent and nothing else about it did consent on that day.
        let by_date = (column(StandardField::Consent).is_none() && on.is_some()).then_some(true);
        Ok(ListedConsent { given: given.or(by_date), on, wording, hours_waiver })
    }

    fn stated_zone(&self, record: &Record<'_>) -> Result<Option<ZoneName>, Reject> {
        let Some(at) = self.columns.standard.get(&StandardField::TimeZone) else { return Ok(None) };
        self.cell(record, *at, |cell| {
            let wrong = "is not a time zone: write a name of the IANA database, as in Europe/Paris";
            cell.parse().map_err(|_| wrong.to_owned())
        })
    }

    /// An empty cell says nothing, whatever its column.
    fn cell<T>(
        &self,
        record: &Record<'_>,
        at: usize,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Reject> {
        match without_guard(record.cell(at).trim()) {
            "" => Ok(None),
            cell => read(cell).map(Some).map_err(|wrong| self.field_invalid(at, cell, &wrong)),
        }
    }

    /// The columns that feed nothing, as they stand; no row is refused for what nobody asked for.
    fn attributes(&self, record: &Record<'_>) -> BTreeMap<String, String> {
        let filled = |at: usize| Some(without_guard(record.cell(at).trim())).filter(|cell| !cell.is_empty());
        let cut = |cell: &str| cell.chars().take(cell::TEXT_CHARACTERS_MAX).collect();
        let kept = |(header, at): &(String, usize)| filled(*at).map(|cell| (header.clone(), cut(cell)));
        let mut attributes: BTreeMap<String, String> = self.columns.attributes.iter().filter_map(kept).collect();
        if let Some(at) = self.columns.standard.get(&StandardField::Country)
            && self.stated_country(record).is_none()
            && let Some(country) = filled(*at)
        {
            attributes.insert(self.headers[*at].clone(), cut(country));
        }
        attributes
    }
}
