//! Times as text: what the server prints and what `new Date(…)` would accept. Milliseconds since 1970
//! everywhere; the clock itself belongs to the caller.

const DAY_MS: i64 = 86_400_000;

/// The furthest a JavaScript date reaches from 1970.
const FURTHEST_MS: i64 = 8_640_000_000_000_000;

/// The day a time falls on, counted from 1970.
pub(crate) fn day(ms: i64) -> i64 {
    ms.div_euclid(DAY_MS)
}

/// `2026-11-22T14:12:03.721Z`
pub(crate) fn iso_z(ms: i64) -> String {
    format!("{}.{:03}Z", seconds(ms), ms.rem_euclid(1000))
}

/// `2026-11-22T14:12:03.721+00:00`
pub(crate) fn iso_offset(ms: i64) -> String {
    format!("{}.{:03}+00:00", seconds(ms), ms.rem_euclid(1000))
}

/// `2026-11-22T14:12:04.4211+00:00`: microseconds without the zeros at their end.
pub(crate) fn iso_micros(ms: i64, micros: i64) -> String {
    let fraction = format!("{:03}{:03}", ms.rem_euclid(1000), micros.rem_euclid(1000));
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction}+00:00", seconds(ms))
}

/// `2026-11-22T14:12:03`
fn seconds(ms: i64) -> String {
    let (year, month, dom) = civil(day(ms));
    let s = ms.rem_euclid(DAY_MS) / 1000;
    format!("{year:04}-{month:02}-{dom:02}T{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}

/// The date of a day counted from 1970 (proleptic Gregorian calendar, counted in eras of 400 years).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year, month, doy - (153 * mp + 2) / 5 + 1)
}

fn days_from_civil(year: i64, month: i64, dom: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + dom - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// Whether a number is the time of some date.
pub(crate) fn in_range(ms: f64) -> Option<i64> {
    let whole = ms.trunc();
    // The comparison excludes what does not fit, NaN too.
    (whole.abs() <= FURTHEST_MS as f64).then_some(whole as i64)
}

/// Reads an ISO 8601 date, or date and time; a time without an offset is UTC.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |p| digits(p, 2))?;
    let dom = parts.next().map_or(Some(1), |p| digits(p, 2))?;
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&dom) {
        return None;
    }
    let days = days_from_civil(year, month, dom);
    let ms = days * DAY_MS + time.map_or(Some(0), time_of_day)?;
    in_range(ms as f64)
}

/// `14:12`, `14:12:03`, `14:12:03.721`, each with `Z`, an offset or nothing.
fn time_of_day(text: &str) -> Option<i64> {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => (text.get(..at)?, offset_ms(text.get(at..)?)?),
        None => (text, 0),
    };
    let mut parts = clock.split(':');
    let hours = digits(parts.next()?, 2)?;
    let minutes = digits(parts.next()?, 2)?;
    let (seconds, fraction) = match parts.next() {
        Some(s) => s.split_once('.').map_or((s, ""), |(s, f)| (s, f)),
        None => ("00", ""),
    };
    let seconds = digits(seconds, 2)?;
    let valid = (0..24).contains(&hours) || (hours == 24 && minutes == 0 && seconds == 0);
    if parts.next().is_some() || !valid || minutes > 59 || seconds > 59 {
        return None;
    }
    let mut ms = 0;
    for (i, digit) in fraction.chars().enumerate() {
        let digit = i64::from(digit.to_digit(10)?);
        ms += match i {
            0 => digit * 100,
            1 => digit * 10,
            2 => digit,
            _ => 0,
        };
    }
    Some((hours * 3600 + minutes * 60 + seconds) * 1000 + ms - offset)
}

fn offset_ms(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = match text.get(1..)?.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None => (text.get(1..3)?, text.get(3..)?),
    };
    Some(sign * (digits(hours, 2)? * 60 + digits(minutes, 2)?) * 60_000)
}

fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::{iso_micros, iso_z, parse};

    #[test]
    fn dates_go_there_and_back() {
        for text in ["1970-01-01T00:00:00.000Z", "2026-11-22T14:12:03.721Z", "2099-12-31T23:59:59.999Z"] {
            assert_eq!(parse(text).map(iso_z).as_deref(), Some(text));
        }
        assert_eq!(parse("2024-02-29"), Some(1_709_164_800_000));
        assert_eq!(parse("2026-11-22T16:12:03+02:00"), parse("2026-11-22T14:12:03Z"));
        assert_eq!(parse("nope"), None);
        assert_eq!(iso_micros(1_795_356_724_421, 100), "2026-11-22T14:12:04.4211+00:00");
    }
}
