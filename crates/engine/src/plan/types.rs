//! The types of casts: PostgreSQL's names to Arrow types, marked with the PostgreSQL type where Arrow has none of its own (`oid`, `name`, `"char"`).
//! Times have microseconds.

use crate::function::raise;
use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::Result;
use datafusion::logical_expr::planner::TypePlanner;
use sqlparser::ast::{DataType as SqlType, ExactNumberInfo, ObjectName, TimezoneInfo};
use std::sync::Arc;
use weft_core::pgtype::{ColumnType, PgType, scalar_named, tagged};
use weft_core::{Error, ErrorKind};

/// The hook into DataFusion's SQL planner.
#[derive(Debug)]
pub struct PostgresTypes;

impl TypePlanner for PostgresTypes {
    fn plan_type_field(&self, sql_type: &SqlType) -> Result<Option<FieldRef>> {
        let plain = |data_type| Arc::new(Field::new("", data_type, true));
        Ok(match sql_type {
            SqlType::Timestamp(_, TimezoneInfo::Tz | TimezoneInfo::WithTimeZone) => {
                Some(plain(DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()))))
            }
            SqlType::Timestamp(..) | SqlType::Datetime(_) => {
                Some(plain(DataType::Timestamp(TimeUnit::Microsecond, None)))
            }
            SqlType::Time(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => {
                Some(plain(DataType::Time64(TimeUnit::Microsecond)))
            }
            SqlType::Float(bits) => Some(plain(float(bits)?)),
            SqlType::Custom(name, _) if named(sql_type).is_none() => return Err(raise(unknown(name))),
            other => named(other).map(field),
        })
    }
}

/// `float` has double precision unless fewer bits are asked for.
fn float(bits: &ExactNumberInfo) -> Result<DataType> {
    let refused = |message: &str| Err(raise(Error::new(ErrorKind::InvalidParameterValue, message)));
    match bits {
        ExactNumberInfo::Precision(0) => refused("precision for type float must be at least 1 bit"),
        ExactNumberInfo::Precision(bits) if *bits <= 24 => Ok(DataType::Float32),
        ExactNumberInfo::Precision(bits) if *bits > 53 => refused("precision for type float must be less than 54 bits"),
        _ => Ok(DataType::Float64),
    }
}

/// Types of PostgreSQL that Weft does not have.
const MISSING: &[&str] = &[
    "bit",
    "box",
    "bpchar",
    "cidr",
    "circle",
    "cstring",
    "daterange",
    "hstore",
    "inet",
    "int4range",
    "int8range",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "numrange",
    "path",
    "pg_lsn",
    "point",
    "polygon",
    "record",
    "timetz",
    "tsquery",
    "tsrange",
    "tstzrange",
    "tsvector",
    "varbit",
    "xml",
];

fn unknown(name: &ObjectName) -> Error {
    let short = type_name(name).unwrap_or_default();
    if MISSING.contains(&short.as_str()) {
        return Error::unsupported(format!("type {short}"));
    }
    Error::new(ErrorKind::UndefinedObject, format!("type \"{name}\" does not exist")).about(&short)
}

/// The type that is meant, where DataFusion does not know it or has no mark for it.
fn named(sql_type: &SqlType) -> Option<&'static PgType> {
    match sql_type {
        SqlType::Varchar(None) | SqlType::CharacterVarying(None) => scalar_named("varchar"),
        SqlType::JSON => scalar_named("json"),
        SqlType::JSONB => scalar_named("jsonb"),
        SqlType::Uuid => scalar_named("uuid"),
        SqlType::Custom(name, modifiers) if modifiers.is_empty() => scalar_named(&type_name(name)?),
        _ => None,
    }
}

/// The last part of a type's name, folded.
fn type_name(name: &ObjectName) -> Option<String> {
    let ident = name.0.last()?.as_ident()?;
    Some(if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() })
}

/// A nullable field of this type. Types that Arrow has carry no mark.
fn field(pg_type: &'static PgType) -> FieldRef {
    let column_type = ColumnType::Scalar(pg_type);
    let data_type = column_type.arrow_type().unwrap_or(DataType::Utf8);
    let plain = ColumnType::of_arrow(&data_type) == column_type;
    let field = Field::new("", data_type, true);
    Arc::new(if plain { field } else { tagged(field, pg_type) })
}
