//! The time zones, as they are now.

use super::internal::TimeZoneRow;
use chrono::{Offset, TimeZone, Utc};
use chrono_tz::{OffsetComponents, OffsetName, TZ_VARIANTS};

/// One row a zone.
pub(super) fn rows() -> Vec<TimeZoneRow> {
    let now = Utc::now().naive_utc();
    let row = |zone: &chrono_tz::Tz| {
        let offset = zone.offset_from_utc_datetime(&now);
        let seconds = offset.fix().local_minus_utc();
        TimeZoneRow {
            name: zone.name().to_owned(),
            abbreviation: offset.abbreviation().map_or_else(|| numeric(seconds), str::to_owned),
            seconds,
            is_dst: !offset.dst_offset().is_zero(),
        }
    };
    TZ_VARIANTS.iter().map(row).collect()
}

/// `+05` or `+0530`, for zones that have no letters.
fn numeric(seconds: i32) -> String {
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    match minutes % 60 {
        0 => format!("{sign}{:02}", minutes / 60),
        rest => format!("{sign}{:02}{rest:02}", minutes / 60),
    }
}
