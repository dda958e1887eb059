//! What each type of PostgreSQL is in Weft: the Arrow type, the expression that yields it in the server, and what the server may do with it in our
//! place. It must not know where the facts about a column come from.

use arrow::datatypes::{DataType, Field, IntervalUnit, TimeUnit};
use tokio_postgres::types::{Oid, Type};
use weft_core::pgtype::{self, PgType, tagged};
use weft_core::relation::{DatabaseColumn, Operations};

/// Digits of a number that declares none, or more than fit.
const WIDE: DataType = DataType::Decimal128(38, 16);

/// How a number is shown that declares no scale, or more digits than a decimal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumericAs {
    /// `numeric(38,16)`
    Decimal,
    /// As text.
    Text,
}

/// A type as a column of the source has it, domains resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SourceType {
    /// The type; of an array that of its elements.
    pub(super) oid: Oid,
    /// `atttypmod`: of a number its precision and scale.
    pub(super) modifier: i32,
    /// One value or an array of them.
    pub(super) shape: Shape,
    /// What equal texts are.
    pub(super) equality: Equality,
}

/// One value or many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One value.
    Scalar,
    /// An array of a type that PostgreSQL brings along.
    Array,
    /// An array of a domain, whose elements are like those of its base.
    ArrayOfDomain,
}

/// When two texts are equal: a question of the collation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Equality {
    /// When their bytes are.
    Bytes,
    /// Perhaps also when they differ in case or accents.
    Language,
}

/// A column as Weft shows it and as it is read.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Name and type. May be null whatever the source says: that may change while it is remembered.
    pub(super) field: Field,
    /// How it is read.
    pub(super) reading: DatabaseColumn,
}

/// How a scalar is carried.
struct Carried {
    arrow: DataType,
    tag: Option<&'static PgType>,
    /// The expression that yields it.
    value: &'static str,
    operations: Operations,
    /// What an array of it is cast to so that its elements are like this; none where it cannot be a list.
    as_array: Option<&'static str>,
}

impl Carried {
    /// As it is, all being the same in both.
    fn plain(arrow: DataType, as_array: &'static str) -> Carried {
        Carried { arrow, tag: None, value: "{}", operations: Operations::All, as_array: Some(as_array) }
    }

    /// As the text that the expression makes of it. Text is the same in both.
    fn text(value: &'static str) -> Carried {
        Carried { value, as_array: None, ..Carried::plain(DataType::Utf8, "") }
    }

    /// As text in the shape that the server sends by itself.
    fn returned(tag: &'static PgType, as_array: &'static str) -> Carried {
        Carried { tag: Some(tag), operations: Operations::Return, ..Carried::plain(DataType::Utf8, as_array) }
    }
}

impl Column {
    /// The column of this name and type.
    pub(super) fn of(name: &str, source: SourceType, numeric_as: NumericAs) -> Column {
        let carried = carried(source.oid, source.modifier, numeric_as);
        match (source.shape, carried.as_array) {
            (Shape::Scalar, _) => Column::scalar(name, &carried, source.equality),
            (_, None) => Column::scalar(name, &Carried::text("{}::text"), source.equality),
            (shape, Some(cast)) => Column::array(name, &carried, cast, shape),
        }
    }

    fn scalar(name: &str, carried: &Carried, equality: Equality) -> Column {
        let mut field = Field::new(name, carried.arrow.clone(), true);
        if let Some(tag) = carried.tag {
            field = tagged(field, tag);
        }
        // Compared in a way that Weft does not know: by its bytes instead.
        let by_bytes = equality == Equality::Language && carried.arrow == DataType::Utf8;
        let value = if by_bytes { format!("{} COLLATE \"C\"", carried.value) } else { carried.value.to_owned() };
        Column { field, reading: DatabaseColumn { name: name.to_owned(), value, operations: carried.operations } }
    }

    fn array(name: &str, carried: &Carried, cast: &str, shape: Shape) -> Column {
        let mut item = Field::new_list_field(carried.arrow.clone(), true);
        if let Some(tag) = carried.tag {
            item = tagged(item, tag);
        }
        let field = Field::new(name, DataType::List(item.into()), true);
        // Elements that the server sends as they are need no cast, unless their type is one that only the server knows.
        let value = match (carried.value, shape) {
            ("{}", Shape::Array) => "{}".to_owned(),
            _ => format!("{{}}::{cast}[]"),
        };
        // Lists are compared differently here and there.
        Column { field, reading: DatabaseColumn { name: name.to_owned(), value, operations: Operations::Return } }
    }
}

fn carried(oid: Oid, modifier: i32, numeric_as: NumericAs) -> Carried {
    use DataType::{Binary, Boolean, Date32, Float32, Float64, Int16, Int32, Int64, Interval, Time64, Timestamp, Utf8};
    let cast = Carried::text("{}::text");
    match Type::from_oid(oid) {
        Some(Type::BOOL) => Carried::plain(Boolean, "bool"),
        Some(Type::INT2) => Carried::plain(Int16, "int2"),
        Some(Type::INT4) => Carried::plain(Int32, "int4"),
        Some(Type::INT8) => Carried::plain(Int64, "int8"),
        Some(Type::FLOAT4) => Carried::plain(Float32, "float4"),
        Some(Type::FLOAT8) => Carried::plain(Float64, "float8"),
        Some(Type::NUMERIC) => match (declared(modifier), numeric_as) {
            (Some(decimal), _) => Carried::plain(decimal, "numeric"),
            (None, NumericAs::Decimal) => Carried::plain(WIDE, "numeric"),
            (None, NumericAs::Text) => Carried { as_array: Some("text"), ..cast },
        },
        Some(Type::DATE) => Carried::plain(Date32, "date"),
        Some(Type::TIME) => Carried::plain(Time64(TimeUnit::Microsecond), "time"),
        Some(Type::TIMESTAMP) => Carried::plain(Timestamp(TimeUnit::Microsecond, None), "timestamp"),
        Some(Type::TIMESTAMPTZ) => {
            Carried::plain(Timestamp(TimeUnit::Microsecond, Some("+00:00".into())), "timestamptz")
        }
        Some(Type::INTERVAL) => Carried::plain(Interval(IntervalUnit::MonthDayNano), "interval"),
        Some(Type::BYTEA) => Carried::plain(Binary, "bytea"),
        Some(Type::TEXT) => Carried::plain(Utf8, "text"),
        Some(Type::VARCHAR) => Carried::plain(Utf8, "varchar"),
        // Blanks at the end are not part of the value.
        Some(Type::BPCHAR) => Carried { as_array: Some("text"), ..cast },
        Some(Type::NAME) => Carried { tag: Some(&pgtype::NAME), as_array: Some("text"), ..cast },
        Some(Type::OID) => Carried { tag: Some(&pgtype::OID), value: "{}::int8", ..Carried::plain(Int64, "int8") },
        // The order of UUIDs is that of their texts.
        Some(Type::UUID) => Carried { tag: Some(&pgtype::UUID), as_array: Some("uuid"), ..cast },
        Some(Type::JSON) => Carried::returned(&pgtype::JSON, "json"),
        Some(Type::JSONB) => Carried::returned(&pgtype::JSONB, "jsonb"),
        // Casts of these to text give something else than their output functions.
        Some(Type::INET) => Carried::text("textin(inet_out({}))"),
        Some(Type::CIDR) => Carried::text("textin(cidr_out({}))"),
        Some(Type::XML) => Carried::text("textin(xml_out({}))"),
        _ => cast,
    }
}

/// The decimal that a number's modifier declares, if there is such a decimal.
fn declared(modifier: i32) -> Option<DataType> {
    let packed = modifier.checked_sub(4).filter(|packed| *packed >= 0)?;
    let precision = u8::try_from(packed >> 16).ok()?;
    // Eleven bits with a sign, since PostgreSQL 15.
    let scale = ((packed & 0x7ff) ^ 1024) - 1024;
    let scale = i8::try_from(scale).ok().filter(|scale| (0..=precision.cast_signed()).contains(scale))?;
    (precision <= 38).then_some(DataType::Decimal128(precision, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(source: &Type, shape: Shape, equality: Equality) -> (DataType, String, Operations) {
        let source = SourceType { oid: source.oid(), modifier: -1, shape, equality };
        let Column { field, reading } = Column::of("c", source, NumericAs::Decimal);
        (field.data_type().clone(), reading.value, reading.operations)
    }

    #[test]
    fn precision_and_scale() {
        let modifier = |precision: i32, scale: i32| ((precision << 16) | (scale & 0x7ff)) + 4;
        assert_eq!(declared(modifier(10, 2)), Some(DataType::Decimal128(10, 2)));
        assert_eq!(declared(modifier(38, 38)), Some(DataType::Decimal128(38, 38)));
        for wider in [-1, modifier(39, 0), modifier(1000, 2), modifier(3, -2), modifier(2, 5)] {
            assert_eq!(declared(wider), None);
        }
    }

    #[test]
    fn texts_are_compared_by_their_bytes() {
        let varchar = column(&Type::VARCHAR, Shape::Scalar, Equality::Language);
        assert_eq!(varchar, (DataType::Utf8, "{} COLLATE \"C\"".to_owned(), Operations::All));
        let number = column(&Type::INT4, Shape::Scalar, Equality::Language);
        assert_eq!(number.1, "{}");
    }

    #[test]
    fn arrays_are_lists_where_their_elements_are_known() {
        let list = |item| DataType::List(Field::new_list_field(item, true).into());
        let integers = column(&Type::INT4, Shape::Array, Equality::Bytes);
        assert_eq!(integers, (list(DataType::Int32), "{}".to_owned(), Operations::Return));
        assert_eq!(column(&Type::INT4, Shape::ArrayOfDomain, Equality::Bytes).1, "{}::int4[]");
        assert_eq!(column(&Type::BPCHAR, Shape::Array, Equality::Bytes).1, "{}::text[]");
        assert_eq!(column(&Type::INET, Shape::Array, Equality::Bytes).0, DataType::Utf8);
    }
}
