//! The header `Retry-After`: a number of seconds, or a date.

/// What a `Retry-After` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    /// To wait so many seconds.
    Seconds(u64),
    /// To wait until this time, in seconds since 1970.
    Date(u64),
}

impl RetryAfter {
    /// Reads the value of the header; `None` if it has neither form.
    pub(super) fn parse(value: &str) -> Option<RetryAfter> {
        let value = value.trim();
        value.parse().map(RetryAfter::Seconds).ok().or_else(|| http_date(value).map(RetryAfter::Date))
    }

    /// The seconds to wait from `now`, in milliseconds since 1970; 0 for a date that has passed.
    pub(super) fn seconds_from(self, now: u64) -> u64 {
        match self {
            RetryAfter::Seconds(seconds) => seconds,
            RetryAfter::Date(date) => date.saturating_mul(1000).saturating_sub(now).div_ceil(1000),
        }
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Seconds since 1970 of a date in the form that HTTP prescribes: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110
/// section 5.6.7). The name of the day is not compared with the date.
fn http_date(text: &str) -> Option<u64> {
    let (_, date) = text.strip_suffix(" GMT")?.split_once(", ")?;
    let mut parts = date.split(' ');
    let mut part = || parts.next();
    let (day, month, year, time) = (number(part()?)?, part()?, number(part()?)?, part()?);
    let month = (1..).zip(MONTHS).find(|(_, name)| *name == month)?.0;
    let mut clock = time.split(':');
    let mut field = || number(clock.next()?);
    let (hour, minute, second) = (field()?, field()?, field()?);
    let is_whole = parts.next().is_none() && clock.next().is_none();
    let is_date = (1..=31).contains(&day) && (1970..=9999).contains(&year);
    let is_time = hour < 24 && minute < 60 && second <= 60;
    (is_whole && is_date && is_time)
        .then(|| days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

fn number(digits: &str) -> Option<u64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// Days from 1970 to a day of the Gregorian calendar, counted in years that begin in March, so that the leap day
/// is the last of its year.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    const DAYS_TO_1970: u64 = 719_468;
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    let before_month = (153 * month + 2) / 5;
    365 * year + year / 4 - year / 100 + year / 400 + before_month + day - 1 - DAYS_TO_1970
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        for (value, expected) in [
            ("0", Some(RetryAfter::Seconds(0))),
            (" 120 ", Some(RetryAfter::Seconds(120))),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(RetryAfter::Date(0))),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(RetryAfter::Date(784_111_777))),
            ("Tue, 29 Feb 2000 23:59:59 GMT", Some(RetryAfter::Date(951_868_799))),
            ("Sat, 28 Feb 2026 12:00:00 GMT", Some(RetryAfter::Date(1_772_280_000))),
            ("Fri, 31 Dec 9999 23:59:60 GMT", Some(RetryAfter::Date(253_402_300_800))),
            ("", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("99999999999999999999999", None),
            ("Sun, 06 Nov 1994 08:49:37", None),
            ("Sun, 06 Nov 1994 08:49 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37:1 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37 x GMT", None),
            ("Sun, 00 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1969 08:49:37 GMT", None),
            ("Sun, 06 nov 1994 08:49:37 GMT", None),
            ("Sun, +6 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 24:49:37 GMT", None),
            (", , , GMT", None),
        ] {
            assert_eq!(RetryAfter::parse(value), expected, "{value:?}");
        }
    }

    #[test]
    fn days_follow_each_other_for_400_years() {
        let lengths = |year: u64| {
            let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
            [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        };
        let mut expected = 0;
        for year in 1970..2370 {
            for (month, length) in (1..).zip(lengths(year)) {
                for day in 1..=length {
                    assert_eq!(days_since_1970(year, month, day), expected, "{year}-{month}-{day}");
                    expected += 1;
                }
            }
        }
    }

    #[test]
    fn a_date_is_waited_for_from_now_on() {
        let at = RetryAfter::Date(100);
        let waits = [0, 97_001, 99_999, 100_000, u64::MAX].map(|now| at.seconds_from(now));
        assert_eq!(waits, [100, 3, 1, 0, 0]);
        assert_eq!(RetryAfter::Seconds(7).seconds_from(u64::MAX), 7);
    }
}
