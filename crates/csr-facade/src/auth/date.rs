//! `X-Sdk-Date`.

const SECONDS_A_DAY: i64 = 86_400;

/// Reads `YYYYMMDDTHHMMSSZ`, the basic format of ISO 8601 in UTC; returns seconds since the Unix
/// epoch. `None` if it is anything else, or no day of the calendar.
pub(super) fn parse(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let number = |from: usize, to: usize| {
        bytes[from..to].iter().try_fold(0_i64, |value, digit| {
            digit.is_ascii_digit().then(|| value * 10 + i64::from(digit - b'0'))
        })
    };
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
    let exists = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    exists.then(|| days_since_epoch(year, month, day) * SECONDS_A_DAY + hour * 3_600 + minute * 60 + second)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts years from March, so that the leap day is the last day of a year.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    /// From 1 March of the year 0 to 1 January 1970.
    const EPOCH: i64 = 719_468;
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - EPOCH
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn valid_dates_are_read() {
        for (text, seconds) in [
            ("19700101T000000Z", 0),
            ("20000229T235959Z", 951_868_799),
            ("20240229T120000Z", 1_709_208_000),
            ("20261124T001530Z", 1_795_479_330),
            ("19691231T235959Z", -1),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn invalid_dates_are_refused() {
        for text in [
            "",
            "20261124T001530",
            "20261124T001530z",
            "2026-11-24T00:15",
            "20261324T001530Z",
            "20261100T001530Z",
            "20230229T001530Z",
            "21000229T001530Z",
            "20261124T241530Z",
            "20261124T006030Z",
            "20261124T001560Z",
            "+0261124T001530Z",
            "2026112\u{660}T00153Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
