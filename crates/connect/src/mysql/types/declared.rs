//! Types as `information_schema.columns` tells them.

use super::{Encoding, Length, Sign, SourceType};

/// What a row of `information_schema.columns` says of a type.
#[derive(Debug, Clone, Default)]
pub(crate) struct Declaration {
    /// `DATA_TYPE`: `int`, `varchar`, …
    pub(crate) data_type: String,
    /// `COLUMN_TYPE`: `int(10) unsigned`, `enum('a','b')`, …
    pub(crate) column_type: String,
    /// `NUMERIC_PRECISION`
    pub(crate) precision: Option<u64>,
    /// `NUMERIC_SCALE`
    pub(crate) scale: Option<u64>,
    /// `CHARACTER_OCTET_LENGTH`
    pub(crate) octets: Option<u64>,
    /// `CHARACTER_SET_NAME`
    pub(crate) character_set: Option<String>,
    /// `COLLATION_NAME`
    pub(crate) collation: Option<String>,
}

impl Declaration {
    /// The type. What is not known is read by its text form.
    pub(crate) fn source_type(&self) -> SourceType {
        use SourceType::*;
        match self.data_type.to_ascii_lowercase().as_str() {
            "tinyint" => Integer(8, self.sign()),
            "smallint" => Integer(16, self.sign()),
            "mediumint" => Integer(24, self.sign()),
            "int" | "integer" => Integer(32, self.sign()),
            "bigint" => Integer(64, self.sign()),
            "bit" => Bit(self.precision.unwrap_or(64)),
            "year" => Year,
            "decimal" | "numeric" => Decimal(small(self.precision), small(self.scale)),
            "float" => Float,
            "double" | "real" => Double,
            "date" => Date,
            "datetime" => DateTime,
            "timestamp" => Timestamp,
            "time" => Time,
            "json" => Json,
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => {
                Text(self.encoding(), self.length())
            }
            "enum" | "set" => Text(Encoding::Other, self.length()),
            "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" | "vector" => {
                Binary(self.length())
            }
            "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring" | "multipolygon"
            | "geometrycollection" | "geomcollection" => Geometry,
            _ => Printable,
        }
    }

    fn sign(&self) -> Sign {
        if self.column_type.to_ascii_lowercase().contains("unsigned") { Sign::Unsigned } else { Sign::Signed }
    }

    fn encoding(&self) -> Encoding {
        match (self.character_set.as_deref(), &self.collation) {
            (Some("utf8mb4"), Some(collation)) => Encoding::Utf8(collation.clone()),
            _ => Encoding::Other,
        }
    }

    fn length(&self) -> Length {
        self.octets.unwrap_or(Length::MAX)
    }
}

fn small(number: Option<u64>) -> u8 {
    number.and_then(|n| u8::try_from(n).ok()).unwrap_or(0)
}
