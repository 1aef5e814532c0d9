//! Lists that are loaded, cut off, loaded again and taken back, and files of a register.

use std::io::Cursor;

use jiff::ToSpan;
use jiff::civil::Date;
use relance_domain::list::{Provenance, Relationship};
use relance_domain::{ListId, Span};
use relance_scheduler::{Engine, Error, ListToLoad, RegisterToLoad, Wishes};
use relance_store::StoreError;

use super::almanac::ZONE_NAMES;
use super::oracle::{Verdict, broken, hold};
use super::plan::CAMPAIGNS;
use super::site::Site;
use crate::builders;

/// People who live at the site's end of the telephone lines.
pub(super) const PEOPLE: u32 = 80;

const REGISTER: &str = "house-list";

impl Site {
    fn today(&self) -> Date {
        self.now().to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    /// A list of some people: what it is, and its file.
    fn list(&mut self, campaign: usize) -> (ListToLoad, String) {
        let (number, today) = (self.number(), self.today());
        let is_contract = self.dice.in_thousand(300);
        let provenance = Provenance {
            licence_until: self.dice.in_thousand(300).then(|| today.saturating_add(self.dice.between(2, 20).days())),
            relationship: if is_contract { Relationship::Contract } else { Relationship::None },
            ..match is_contract {
                true => builders::provenance(&format!("list {number}")),
                false => builders::purchased(&format!("list {number}"), "Some Vendor"),
            }
        };
        let first = u32::try_from(self.dice.between(0, i64::from(PEOPLE) - 6)).unwrap_or(0);
        let last = (first + u32::try_from(self.dice.between(5, 25)).unwrap_or(5)).min(PEOPLE - 1);
        let mut file = "phone,last_name,time zone,consent,consent date\n".to_owned();
        for person in first..=last {
            let agreed = today.saturating_sub(self.dice.between(0, 75).days());
            let consent = match self.dice.weighed(&[(8, 0), (1, 1), (1, 2)]) {
                0 => format!("yes,{agreed}"),
                1 => "no,".to_owned(),
                _ => ",".to_owned(),
            };
            let zone = ZONE_NAMES[person as usize % ZONE_NAMES.len()];
            file.push_str(&format!(
                "{},Person {person} of {number},{zone},{consent}\n",
                builders::phone(person).reveal()
            ));
        }
        file.push_str("unknown,Nobody,Europe/Paris,,\n");
        (ListToLoad::new(CAMPAIGNS[campaign], provenance), file)
    }

    /// A list is loaded. Where that is cut off, the same file is loaded again a little later.
    pub(super) async fn load(&mut self, campaign: usize) -> Verdict {
        let (load, file) = self.list(campaign);
        self.trace.note(format!("{} is loaded into {}", load.provenance.name, CAMPAIGNS[campaign]));
        for _ in 0..3 {
            let made = async |node: Engine| {
                let spooled = node.spool_list(Cursor::new(file.clone().into_bytes())).await?;
                node.load_list(load.clone(), spooled).await
            };
            let at = self.dice.below(self.nodes.len());
            let answer = made(self.nodes[at].engine.clone()).await;
            let log = self.nodes[at].weather.log();
            self.trace.wrote(at, &log.writes);
            self.raise_the_dead();
            match answer {
                Ok(report) => {
                    hold(report.counts.adds_up(), "P8: a load accounts for every row", || {
                        format!("{:?}", report.counts)
                    })?;
                    return self.look().await;
                }
                // It is loaded, though nobody heard; or what was cut off is not given up for dead yet.
                Err(Error::Store(StoreError::Conflict(why))) if why.contains("loaded already") => {
                    return self.look().await;
                }
                Err(Error::Store(StoreError::Conflict(_))) => {}
                Err(Error::Store(_)) if log.disturbed => {}
                Err(error) => return broken("an error has a cause", format!("load: {error}: {error:?}")),
            }
            self.look().await?;
            self.world.clock.advance(Span::of_seconds(self.dice.between(5, 60)));
        }
        Ok(())
    }

    /// A list is taken back: leads that nobody was handed go, the others stay.
    pub(super) async fn undo(&mut self) -> Verdict {
        const UNDONE: &str = "P8: a list that is taken back leaves what was worked, and nothing else";
        let loaded = self.world.numbers("SELECT id FROM list WHERE state = 'loaded' ORDER BY id").await;
        let Some(list) = self.dice.pick(&loaded).copied() else { return Ok(()) };
        let worked = self.leads(list, "").await;
        self.trace.note(format!("list {list} is taken back"));
        let made = async |node: Engine| node.undo_list(ListId(list), false).await;
        match self.request("undo", true, made).await? {
            Some(Ok(_) | Err(Error::Store(StoreError::Conflict(_)))) => {}
            other => return broken(UNDONE, format!("list {list}: {other:?}")),
        }
        let (kept, left) = (self.leads(list, "").await, self.leads(list, "NOT").await);
        hold(kept == worked && left == 0, UNDONE, || {
            format!("list {list}: {worked} leads had been handed out, {kept} are there, and {left} that were not")
        })?;
        self.look().await
    }

    /// Leads of a list that were handed out, or were not.
    async fn leads(&self, list: i64, negated: &str) -> i64 {
        let counted = format!(
            "SELECT CAST(COUNT(*) AS TEXT) FROM lead WHERE list_id = {list}
                AND {negated} EXISTS (SELECT 1 FROM assignment WHERE assignment.lead_id = lead.id)"
        );
        self.world.texts(&counted).await.first().and_then(|count| count.parse().ok()).unwrap_or(-1)
    }

    /// A newer file of the seller's own register.
    pub(super) async fn register(&mut self) -> Verdict {
        let today = self.today();
        if self.register_day.is_some_and(|day| day >= today) {
            return Ok(());
        }
        let mut numbers: Vec<String> = self.oracle.registered.iter().cloned().collect();
        numbers.retain(|_| self.dice.in_thousand(700));
        for _ in 0..4 {
            let person = u32::try_from(self.dice.below(PEOPLE as usize)).unwrap_or(0);
            numbers.push(builders::phone(person).reveal().to_owned());
        }
        numbers.sort();
        numbers.dedup();
        let file = format!("phone\n{}\n", numbers.join("\n"));
        let load = RegisterToLoad {
            register: REGISTER.to_owned(),
            as_of: today,
            country: Some("FR".to_owned()),
            seller: None,
            campaign: None,
            wishes: Wishes::default(),
            ticket: None,
        };
        self.trace.note(format!("a register of {} numbers is loaded", numbers.len()));
        let made = async |node: Engine| {
            let spooled = node.spool_list(Cursor::new(file.clone().into_bytes())).await?;
            node.load_register(load.clone(), spooled, None).await
        };
        let answer = self.request("register", true, made).await?;
        match answer {
            Some(Ok(_)) => {}
            other => return broken("an error has a cause", format!("register: {other:?}")),
        }
        self.register_day = Some(today);
        self.oracle.registered = numbers.into_iter().collect();
        self.look().await
    }
}
