//! What a worker tells of a statement after its last row, in a message that has the columns once more. No I/O happens here.

use arrow::datatypes::Schema;
use arrow::ipc::writer::IpcWriteOptions;
use arrow_flight::{FlightData, SchemaAsIpc};
use serde::{Deserialize, Serialize};
use weft_core::report::Traffic;

#[derive(Serialize, Deserialize)]
struct Told {
    cached_bytes: u64,
    fetched_bytes: u64,
}

/// The message.
pub(crate) fn message(traffic: &Traffic, schema: &Schema) -> FlightData {
    let told = Told { cached_bytes: traffic.cached(), fetched_bytes: traffic.fetched() };
    // Two numbers can be written.
    let message: FlightData = SchemaAsIpc::new(schema, &IpcWriteOptions::default()).into();
    message.with_app_metadata(serde_json::to_vec(&told).unwrap_or_default())
}

/// Bytes that the worker had, and that it fetched; none if the message tells something else.
pub(crate) fn read(message: &[u8]) -> Option<(u64, u64)> {
    let told: Told = serde_json::from_slice(message).ok()?;
    Some((told.cached_bytes, told.fetched_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_read() {
        let traffic = Traffic::default();
        traffic.add_cached(3);
        traffic.add_fetched(5);
        assert_eq!(read(&message(&traffic, &Schema::empty()).app_metadata), Some((3, 5)));
        assert_eq!(read(b""), None);
    }
}
