//! The order form as it is typed at the command line.

use relance_domain::ZoneName;
use relance_domain::order::AppointmentReport;
use relance_domain::outcome::OrderReport;

use super::Session;
use crate::args::outcome::Order;

/// What was ordered, if anything is said of an order.
pub(super) fn typed(session: &Session, given: Order, zone: Option<&ZoneName>) -> Option<OrderReport> {
    let Order { tariff, field, appointment, window, material, amount_due, told, account } = given;
    let date = appointment.map(|day| day.date(session.api.now(), zone));
    let visit = AppointmentReport { date, window: window.unwrap_or_default(), materials: material, amount_due };
    let order = OrderReport {
        tariff: tariff.unwrap_or_default(),
        fields: field.into_iter().collect(),
        appointment: Some(visit).filter(|visit| *visit != AppointmentReport::default()),
        told,
        account,
    };
    Some(order).filter(|order| *order != OrderReport::default())
}

/// What is kept, with what was typed now; an empty value empties a field, or all that the client was told.
pub(super) fn added(kept: OrderReport, typed: OrderReport) -> OrderReport {
    let mut fields = kept.fields;
    fields.extend(typed.fields);
    fields.retain(|_, value| !value.is_empty());
    let mut told = if typed.told.iter().any(String::is_empty) { Vec::new() } else { kept.told };
    for code in typed.told.into_iter().filter(|code| !code.is_empty()) {
        if !told.contains(&code) {
            told.push(code);
        }
    }
    let appointment = match (kept.appointment, typed.appointment) {
        (Some(kept), Some(typed)) => Some(AppointmentReport {
            date: typed.date.or(kept.date),
            window: if typed.window.is_empty() { kept.window } else { typed.window },
            materials: if typed.materials.is_empty() { kept.materials } else { typed.materials },
            amount_due: typed.amount_due.or(kept.amount_due),
        }),
        (kept, typed) => typed.or(kept),
    };
    OrderReport {
        tariff: if typed.tariff.is_empty() { kept.tariff } else { typed.tariff },
        fields,
        appointment,
        told,
        account: typed.account.or(kept.account),
    }
}
