//! PostgreSQL's types as Weft uses them, and which Arrow type carries each. The one table behind result descriptions, `pg_type`, `format_type` and the
//! parameters of prepared statements. Source: PostgreSQL 16 `pg_type.dat`.

use arrow::datatypes::{DataType, Field, IntervalUnit, TimeUnit};

/// The key in an Arrow field's metadata that names a PostgreSQL type where the Arrow type alone does not tell it (`json`, `oid`, `name`, …).
pub const PG_TYPE_KEY: &str = "pg_type";

/// One type of PostgreSQL.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct PgType {
    /// Its number in `pg_type`.
    pub oid: u32,
    /// Its name in `pg_type`.
    pub name: &'static str,
    /// Its name in SQL, as `format_type` prints it.
    pub sql_name: &'static str,
    /// The number of its array type; 0 if there is none.
    pub array_oid: u32,
    /// Its element's number if it is an array.
    pub element_oid: u32,
    /// Bytes of a value; -1 if they vary.
    pub len: i16,
    /// `typcategory`.
    pub category: char,
}

macro_rules! types {
    ($($konst:ident $oid:literal $name:literal $sql:literal $array:literal $len:literal $category:literal;)*) => {
        $(
            #[doc = concat!("`", $sql, "`")]
            pub const $konst: PgType = PgType { oid: $oid, name: $name, sql_name: $sql, array_oid: $array, element_oid: 0, len: $len, category: $category };
        )*
        /// Every scalar type.
        pub static SCALARS: &[&PgType] = &[$(&$konst),*];
    };
}

types! {
    BOOL 16 "bool" "boolean" 1000 1 'B';
    BYTEA 17 "bytea" "bytea" 1001 -1 'U';
    CHAR 18 "char" "\"char\"" 1002 1 'Z';
    NAME 19 "name" "name" 1003 64 'S';
    INT8 20 "int8" "bigint" 1016 8 'N';
    INT2 21 "int2" "smallint" 1005 2 'N';
    INT2VECTOR 22 "int2vector" "int2vector" 1006 -1 'A';
    INT4 23 "int4" "integer" 1007 4 'N';
    REGPROC 24 "regproc" "regproc" 1008 4 'N';
    TEXT 25 "text" "text" 1009 -1 'S';
    OID 26 "oid" "oid" 1028 4 'N';
    TID 27 "tid" "tid" 1010 6 'U';
    XID 28 "xid" "xid" 1011 4 'U';
    CID 29 "cid" "cid" 1012 4 'U';
    OIDVECTOR 30 "oidvector" "oidvector" 1013 -1 'A';
    JSON 114 "json" "json" 199 -1 'U';
    XML 142 "xml" "xml" 143 -1 'U';
    PG_NODE_TREE 194 "pg_node_tree" "pg_node_tree" 0 -1 'Z';
    CIDR 650 "cidr" "cidr" 651 -1 'I';
    FLOAT4 700 "float4" "real" 1021 4 'N';
    FLOAT8 701 "float8" "double precision" 1022 8 'N';
    UNKNOWN 705 "unknown" "unknown" 0 -2 'X';
    MONEY 790 "money" "money" 791 8 'N';
    MACADDR 829 "macaddr" "macaddr" 1040 6 'U';
    INET 869 "inet" "inet" 1041 -1 'I';
    ACLITEM 1033 "aclitem" "aclitem" 1034 16 'U';
    BPCHAR 1042 "bpchar" "character" 1014 -1 'S';
    VARCHAR 1043 "varchar" "character varying" 1015 -1 'S';
    DATE 1082 "date" "date" 1182 4 'D';
    TIME 1083 "time" "time without time zone" 1183 8 'D';
    TIMESTAMP 1114 "timestamp" "timestamp without time zone" 1115 8 'D';
    TIMESTAMPTZ 1184 "timestamptz" "timestamp with time zone" 1185 8 'D';
    INTERVAL 1186 "interval" "interval" 1187 16 'T';
    TIMETZ 1266 "timetz" "time with time zone" 1270 12 'D';
    BIT 1560 "bit" "bit" 1561 -1 'V';
    VARBIT 1562 "varbit" "bit varying" 1563 -1 'V';
    NUMERIC 1700 "numeric" "numeric" 1231 -1 'N';
    REGPROCEDURE 2202 "regprocedure" "regprocedure" 2207 4 'N';
    REGOPER 2203 "regoper" "regoper" 2208 4 'N';
    REGOPERATOR 2204 "regoperator" "regoperator" 2209 4 'N';
    REGCLASS 2205 "regclass" "regclass" 2210 4 'N';
    REGTYPE 2206 "regtype" "regtype" 2211 4 'N';
    RECORD 2249 "record" "record" 2287 -1 'P';
    CSTRING 2275 "cstring" "cstring" 1263 -2 'P';
    ANY 2276 "any" "\"any\"" 0 4 'P';
    ANYARRAY 2277 "anyarray" "anyarray" 0 -1 'P';
    VOID 2278 "void" "void" 0 4 'P';
    TRIGGER 2279 "trigger" "trigger" 0 4 'P';
    INTERNAL 2281 "internal" "internal" 0 8 'P';
    ANYELEMENT 2283 "anyelement" "anyelement" 0 4 'P';
    UUID 2950 "uuid" "uuid" 2951 16 'U';
    PG_LSN 3220 "pg_lsn" "pg_lsn" 3221 8 'U';
    PG_NDISTINCT 3361 "pg_ndistinct" "pg_ndistinct" 0 -1 'Z';
    PG_DEPENDENCIES 3402 "pg_dependencies" "pg_dependencies" 0 -1 'Z';
    JSONB 3802 "jsonb" "jsonb" 3807 -1 'U';
    REGNAMESPACE 4089 "regnamespace" "regnamespace" 4090 4 'N';
    REGROLE 4096 "regrole" "regrole" 4097 4 'N';
    PG_MCV_LIST 5017 "pg_mcv_list" "pg_mcv_list" 0 -1 'Z';
    XID8 5069 "xid8" "xid8" 271 8 'U';
}

impl PgType {
    /// Whether its values are numbers of objects: `oid`, `xid`, `regclass`, ….
    pub fn is_object_number(&self) -> bool {
        matches!(self.oid, 24 | 26 | 28 | 29 | 2202..=2205 | 2206 | 4089 | 4096)
    }
}

/// A type as a result column or a parameter has it: a scalar, or an array of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// One value.
    Scalar(&'static PgType),
    /// An array of values.
    Array(&'static PgType),
}

impl ColumnType {
    /// The number in `pg_type`.
    pub fn oid(self) -> u32 {
        match self {
            ColumnType::Scalar(t) => t.oid,
            ColumnType::Array(t) => t.array_oid,
        }
    }

    /// `typlen`.
    pub fn typlen(self) -> i16 {
        match self {
            ColumnType::Scalar(t) => t.len,
            ColumnType::Array(_) => -1,
        }
    }

    /// The name in SQL, without type modifiers.
    pub fn sql_name(self) -> String {
        match self {
            ColumnType::Scalar(t) => t.sql_name.to_owned(),
            ColumnType::Array(t) => format!("{}[]", t.sql_name),
        }
    }

    /// The type with this number.
    pub fn from_oid(oid: u32) -> Option<ColumnType> {
        SCALARS.iter().find_map(|t| match oid {
            o if o == t.oid => Some(ColumnType::Scalar(t)),
            o if o == t.array_oid && o != 0 => Some(ColumnType::Array(t)),
            _ => None,
        })
    }

    /// The type that a result column of this Arrow field is sent as: the field's [`PG_TYPE_KEY`] if it has one, else by its Arrow type. What no
    /// PostgreSQL type fits (maps) goes as text.
    pub fn of_field(field: &Field) -> ColumnType {
        let named = field.metadata().get(PG_TYPE_KEY).and_then(|name| scalar_named(name));
        // A cast keeps the mark of what it casts: a number's mark on a text says nothing.
        let named = named.filter(|t| !t.is_object_number() || !matches!(field.data_type(), DataType::Utf8));
        match (named, field.data_type()) {
            (Some(t), DataType::List(_) | DataType::LargeList(_)) => ColumnType::Array(t),
            (Some(t), _) => ColumnType::Scalar(t),
            (None, data_type) => ColumnType::of_arrow(data_type),
        }
    }

    /// The type that values of this Arrow type are sent as.
    pub fn of_arrow(data_type: &DataType) -> ColumnType {
        ColumnType::Scalar(match data_type {
            DataType::Boolean => &BOOL,
            DataType::Int8 | DataType::Int16 | DataType::UInt8 => &INT2,
            DataType::Int32 | DataType::UInt16 => &INT4,
            DataType::Int64 | DataType::UInt32 => &INT8,
            DataType::UInt64
            | DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal128(..)
            | DataType::Decimal256(..) => &NUMERIC,
            DataType::Float16 | DataType::Float32 => &FLOAT4,
            DataType::Float64 => &FLOAT8,
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => &BYTEA,
            DataType::Date32 | DataType::Date64 => &DATE,
            DataType::Time32(_) | DataType::Time64(_) => &TIME,
            DataType::Timestamp(_, None) => &TIMESTAMP,
            DataType::Timestamp(_, Some(_)) => &TIMESTAMPTZ,
            DataType::Interval(_) | DataType::Duration(_) => &INTERVAL,
            DataType::Struct(_) => &RECORD,
            DataType::Dictionary(_, value) => return ColumnType::of_arrow(value),
            DataType::List(item)
            | DataType::LargeList(item)
            | DataType::ListView(item)
            | DataType::FixedSizeList(item, _) => {
                return match ColumnType::of_field(item) {
                    ColumnType::Scalar(t) if t.array_oid != 0 => ColumnType::Array(t),
                    // PostgreSQL has one type for arrays of all dimensions.
                    array @ ColumnType::Array(_) => array,
                    ColumnType::Scalar(_) => ColumnType::Scalar(&TEXT),
                };
            }
            _ => &TEXT,
        })
    }

    /// The Arrow type that carries values of this type inside of the gateway; `None` for types that only appear in descriptions.
    pub fn arrow_type(self) -> Option<DataType> {
        match self {
            ColumnType::Array(t) => {
                let item = ColumnType::Scalar(t).arrow_type()?;
                Some(DataType::List(Field::new_list_field(item, true).into()))
            }
            ColumnType::Scalar(t) => Some(match t.oid {
                16 => DataType::Boolean,
                17 => DataType::Binary,
                21 => DataType::Int16,
                23 => DataType::Int32,
                20 | 24 | 26 | 28 | 29 | 2202..=2205 | 2206 | 4089 | 4096 => DataType::Int64,
                700 => DataType::Float32,
                701 => DataType::Float64,
                1700 => DataType::Decimal128(38, 10),
                1082 => DataType::Date32,
                1083 => DataType::Time64(TimeUnit::Microsecond),
                1114 => DataType::Timestamp(TimeUnit::Microsecond, None),
                1184 => DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into())),
                1186 => DataType::Interval(IntervalUnit::MonthDayNano),
                2278 => return None,
                _ => DataType::Utf8,
            }),
        }
    }
}

/// The type of a column as SQL spells it, with the digits of a numeric.
pub fn type_text(field: &Field) -> String {
    let name = ColumnType::of_field(field).sql_name();
    match field.data_type() {
        DataType::Decimal128(precision, scale) => format!("{name}({precision},{scale})"),
        _ => name,
    }
}

/// The type modifier that PostgreSQL would send with a column of this Arrow type: precision and scale of a numeric, else -1.
pub fn type_modifier(data_type: &DataType) -> i32 {
    match data_type {
        DataType::Decimal128(precision, scale) if *precision < 38 && *scale >= 0 => {
            ((i32::from(*precision) << 16) | i32::from(*scale)) + 4
        }
        _ => -1,
    }
}

/// The text of a type with this modifier: what [`field_of_text`] reads.
pub fn text_of(column_type: ColumnType, modifier: i32) -> String {
    let name = column_type.sql_name();
    match modifier.checked_sub(4) {
        Some(digits) if digits >= 0 && name == NUMERIC.sql_name => {
            format!("{name}({},{})", digits >> 16, digits & 0xffff)
        }
        _ => name,
    }
}

/// A column of the type that SQL spells so; text if there is no such type.
pub fn field_of_text(name: &str, text: &str) -> Field {
    let digits = text.strip_prefix("numeric(").and_then(|t| t.strip_suffix(')')).and_then(|t| t.split_once(','));
    if let Some((Ok(precision), Ok(scale))) = digits.map(|(p, s)| (p.parse(), s.parse())) {
        return Field::new(name, DataType::Decimal128(precision, scale), true);
    }
    let (item, is_array) = text.strip_suffix("[]").map_or((text, false), |item| (item, true));
    let scalar = SCALARS.iter().copied().find(|t| t.sql_name == item).unwrap_or(&TEXT);
    let column_type = if is_array { ColumnType::Array(scalar) } else { ColumnType::Scalar(scalar) };
    let field = Field::new(name, column_type.arrow_type().unwrap_or(DataType::Utf8), true);
    if ColumnType::of_field(&field) == column_type { field } else { tagged(field, scalar) }
}

/// The scalar type with this name in `pg_type`.
pub fn scalar_named(name: &str) -> Option<&'static PgType> {
    SCALARS.iter().copied().find(|t| t.name == name)
}

/// The field, marked to be sent as this type.
pub fn tagged(field: Field, as_type: &'static PgType) -> Field {
    let mut metadata = field.metadata().clone();
    metadata.insert(PG_TYPE_KEY.to_owned(), as_type.name.to_owned());
    field.with_metadata(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_types_are_read_back() {
        for text in [
            "integer",
            "text",
            "numeric(10,2)",
            "numeric",
            "timestamp with time zone",
            "bigint[]",
            "jsonb",
            "oid",
            "uuid",
        ] {
            let field = field_of_text("x", text);
            assert_eq!(text_of(ColumnType::of_field(&field), type_modifier(field.data_type())), text);
        }
    }

    #[test]
    fn arrow_and_back() {
        for t in [
            &BOOL,
            &INT2,
            &INT4,
            &INT8,
            &FLOAT4,
            &FLOAT8,
            &NUMERIC,
            &DATE,
            &TIME,
            &TIMESTAMP,
            &TIMESTAMPTZ,
            &INTERVAL,
            &TEXT,
            &BYTEA,
        ] {
            for column in [ColumnType::Scalar(t), ColumnType::Array(t)] {
                let arrow = column.arrow_type().expect("carried by Arrow");
                assert_eq!(ColumnType::of_arrow(&arrow), column);
                assert_eq!(ColumnType::from_oid(column.oid()), Some(column));
            }
        }
    }

    #[test]
    fn metadata_wins() {
        let field = tagged(Field::new("x", DataType::Int64, true), &OID);
        assert_eq!(ColumnType::of_field(&field).oid(), 26);
    }

    #[test]
    fn modifiers() {
        assert_eq!(type_modifier(&DataType::Decimal128(15, 2)), (15 << 16 | 2) + 4);
        assert_eq!(type_modifier(&DataType::Decimal128(38, 2)), -1);
    }
}
