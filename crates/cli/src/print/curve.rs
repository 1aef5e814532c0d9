//! The curve of ceilings, as a table with bars and as a picture.

use std::fmt::Write as _;

use relance_domain::price_curve::PricePoint;
use relance_scheduler::PriceCurve;

use super::{count, sections, table};

/// Rows of the table; the picture and `--json` have every point.
const ROWS: usize = 20;
/// Characters of the longest bar.
const BAR: i64 = 40;
/// The picture, in its own units, and the room around the curve for what is written there.
const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 80.0;
const TOP: f64 = 40.0;
const RIGHT: f64 = 24.0;
const BOTTOM: f64 = 60.0;

/// Which price would bring back how many.
pub(crate) fn curve(curve: &PriceCurve) -> String {
    let PriceCurve { campaign, tariff, currency, free, held, without_rate, points } = curve;
    let whose = tariff.as_ref().map_or(String::new(), |tariff| format!(", where {tariff} is to be had"));
    let what = format!(
        "{} of {campaign} named the most they would pay and stand refused{whose}; {} more are held back.",
        count(*free, "person").replace("persons", "people"),
        held
    );
    let without = match without_rate {
        0 => String::new(),
        some => format!(
            "{some} named it in a currency of which no rate into {currency} is declared, and are not in the table."
        ),
    };
    if points.is_empty() {
        return sections([what, without]);
    }
    let most = points.iter().map(|point| point.back).max().unwrap_or(1).max(1);
    let row = |point: &PricePoint| {
        let bar = "█".repeat(usize::try_from(point.back * BAR / most).unwrap_or_default());
        vec![point.price.to_string(), point.back.to_string(), point.held.to_string(), bar]
    };
    let mut shown: Vec<&PricePoint> = points.iter().rev().step_by(points.len().div_ceil(ROWS)).collect();
    shown.extend(points.first().filter(|cheapest| shown.last() != Some(cheapest)));
    let shown = shown.into_iter().rev().map(row);
    sections([what, without, table(&["a price of>", "brings back>", "held back>", ""], shown)])
}

/// The same as a picture in SVG: steps over the price, a line for those who come back and a broken one for those who are held.
pub(crate) fn picture(curve: &PriceCurve) -> String {
    let dearest = curve.points.last().map_or(1, |point| point.price.minor).max(1) as f64;
    let most = curve.points.iter().map(|point| point.back.max(point.held)).max().unwrap_or(1).max(1) as f64;
    let x = |minor: f64| LEFT + (WIDTH - LEFT - RIGHT) * minor / dearest;
    let y = |people: f64| HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * people / most;
    let steps = |people: fn(&PricePoint) -> i64| {
        let mut path = format!("M{:.1} {:.1}", x(0.0), y(curve.points.first().map_or(0, people) as f64));
        for (at, point) in curve.points.iter().enumerate() {
            let next = curve.points.get(at + 1).map_or(0, people);
            let _ = write!(path, " H{:.1} V{:.1}", x(point.price.minor as f64), y(next as f64));
        }
        path
    };
    let of = curve.tariff.as_ref().map_or(String::new(), |tariff| format!(", {tariff}"));
    let title = format!("{}{of}: whom a price would bring back", curve.campaign);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <title>{title}</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"16\">{title}</text>\n"
    );
    for part in 0..=4 {
        let share = f64::from(part) / 4.0;
        let (across, up) = (x(dearest * share), y(most * share));
        let (bottom, end) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
        let price = relance_domain::Money { minor: (dearest * share).round() as i64, currency: curve.currency };
        let people = (most * share).round();
        let _ = write!(
            svg,
            "<path d=\"M{LEFT} {up:.1}H{end}\" stroke=\"#ddd\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{people}</text>\n\
             <text x=\"{across:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{price}</text>\n",
            LEFT - 8.0,
            up + 4.0,
            bottom + 20.0
        );
    }
    let _ = write!(
        svg,
        "<path d=\"{}\" fill=\"none\" stroke=\"#888\" stroke-width=\"1.5\" stroke-dasharray=\"5 4\"/>\n\
         <path d=\"{}\" fill=\"none\" stroke=\"#0b6\" stroke-width=\"2.5\"/>\n\
         <text x=\"{LEFT}\" y=\"{:.1}\">line: come back; broken line: held back by something other than the price</text>\n</svg>\n",
        steps(|point| point.held),
        steps(|point| point.back),
        HEIGHT - 16.0
    );
    svg
}

#[cfg(test)]
mod tests {
    use relance_domain::{Currency, Money};

    use super::*;

    fn of(points: &[(i64, i64, i64)]) -> PriceCurve {
        let currency: Currency = "EUR".parse().expect("a currency");
        let point = |(minor, back, held): &(i64, i64, i64)| PricePoint {
            price: Money { minor: *minor, currency },
            back: *back,
            held: *held,
        };
        PriceCurve {
            campaign: "fibre".into(),
            tariff: None,
            currency,
            free: points.first().map_or(0, |point| point.1),
            held: 1,
            without_rate: 0,
            points: points.iter().map(point).collect(),
        }
    }

    #[test]
    fn the_table_has_the_cheapest_and_the_picture_every_step() {
        let few = of(&[(1_000, 10, 1), (2_000, 5, 0)]);
        let shown = curve(&few);
        assert!(shown.contains("10.00 EUR") && shown.contains(&"█".repeat(40)), "{shown}");
        let svg = picture(&few);
        assert_eq!(svg.matches(" H").count(), 4, "two curves of two steps: {svg}");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        let many: Vec<_> = (1..=100).map(|n| (n * 10, 101 - n, 0)).collect();
        let shown = curve(&of(&many));
        assert!(shown.lines().count() < 26 && shown.contains("10.00 EUR"), "the dearest is among them: {shown}");
        assert!(picture(&of(&[])).contains("</svg>"), "nobody named a ceiling");
    }
}
