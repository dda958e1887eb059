//! The functions that can be called, as `pg_proc` has them: one row for each list of argument types. DataFusion knows signatures, not overloads; they
//! are tried out here once.

use super::Oid;
use super::internal::FunctionRow;
use crate::catalog::Oids;
use crate::environment::Environment;
use crate::function;
use arrow::datatypes::{DataType, Field, FieldRef, IntervalUnit, TimeUnit};
use datafusion::logical_expr::type_coercion::functions::{UDFCoercionExt, fields_with_udf};
use datafusion::logical_expr::{
    AggregateUDF, Documentation, ReturnFieldArgs, ScalarUDF, Signature, TypeSignature, Volatility, WindowUDF,
};
use datafusion::logical_expr_common::signature::Arity;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use weft_core::pgtype::{ANY, ANYARRAY, ColumnType};

/// The most ways to call one function that are told.
const MOST_OVERLOADS: usize = 24;

/// What a function's first argument may be.
fn candidates() -> Vec<DataType> {
    use DataType::*;
    vec![
        Int16,
        Int32,
        Int64,
        Decimal128(38, 10),
        Float32,
        Float64,
        Utf8,
        Boolean,
        Date32,
        Timestamp(TimeUnit::Microsecond, None),
        Timestamp(TimeUnit::Microsecond, Some("+00:00".into())),
        Interval(IntervalUnit::MonthDayNano),
    ]
}

/// Every function, one row for each way to call it. The same in every session.
pub fn rows(environment: &Environment) -> &'static [FunctionRow] {
    static ROWS: OnceLock<Vec<FunctionRow>> = OnceLock::new();
    ROWS.get_or_init(|| numbered(overloads(environment)))
}

/// One way to call a function.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Overload {
    name: String,
    kind: &'static str,
    arguments: Vec<u32>,
    result: ColumnTypeName,
    volatility: &'static str,
    comment: Option<String>,
}

/// A type's number and name.
type ColumnTypeName = (u32, String);

fn overloads(environment: &Environment) -> BTreeSet<Overload> {
    let state = environment.gateway.state();
    let mut scalars: BTreeMap<String, Arc<ScalarUDF>> =
        state.scalar_functions().iter().map(|(n, f)| (n.clone(), f.clone())).collect();
    scalars.extend(function::session::functions(environment));
    scalars.extend(function::pg::undirected());
    let mut all = BTreeSet::new();
    for (name, f) in &scalars {
        if let Some(calls) = function::pg::calls(name) {
            all.extend(of_catalog(name, f, calls));
            continue;
        }
        let result = |types: &[DataType]| scalar_result(f, types);
        let coerce = |types: &[DataType]| coerced(types, f.as_ref());
        all.extend(of_function(name, "f", f.signature(), f.documentation(), &coerce, &result));
    }
    for (name, f) in state.aggregate_functions() {
        all.extend(of_aggregate(name, f));
    }
    for (name, f) in state.window_functions() {
        all.extend(of_window(name, f));
    }
    all.retain(|o| !o.name.starts_with("weft_") && !o.name.contains(' '));
    all
}

/// A function on the catalog tells its calls itself.
fn of_catalog(name: &str, function: &ScalarUDF, calls: Vec<Vec<u32>>) -> Vec<Overload> {
    let arguments = ReturnFieldArgs { arg_fields: &[], scalar_arguments: &[] };
    let result =
        function.return_field_from_args(arguments).map_or(ColumnType::Scalar(&ANY), |f| ColumnType::of_field(&f));
    let call = |arguments| Overload {
        name: name.to_owned(),
        kind: "f",
        arguments,
        result: named(result),
        volatility: "s",
        comment: None,
    };
    calls.into_iter().map(call).collect()
}

fn scalar_result(function: &ScalarUDF, types: &[DataType]) -> Option<DataType> {
    let fields = fields(types);
    let scalars = vec![None; types.len()];
    let arguments = ReturnFieldArgs { arg_fields: &fields, scalar_arguments: &scalars };
    function.return_field_from_args(arguments).ok().map(|f| f.data_type().clone())
}

fn of_aggregate(name: &str, function: &Arc<AggregateUDF>) -> Vec<Overload> {
    let result = |types: &[DataType]| match (name, types) {
        // As plan::semantics types them.
        ("sum", [DataType::Int16 | DataType::Int32]) => Some(DataType::Int64),
        ("sum", [DataType::Int64]) => Some(DataType::Decimal128(38, 0)),
        ("sum", [DataType::Float32]) => Some(DataType::Float32),
        ("avg", [DataType::Int16 | DataType::Int32 | DataType::Int64]) => Some(DataType::Decimal128(38, 16)),
        _ => function.return_field(&fields(types)).ok().map(|f| f.data_type().clone()),
    };
    let coerce = |types: &[DataType]| coerced(types, function.as_ref());
    of_function(name, "a", function.signature(), function.documentation(), &coerce, &result)
}

fn of_window(name: &str, function: &Arc<WindowUDF>) -> Vec<Overload> {
    let result = |types: &[DataType]| {
        let fields = fields(types);
        let arguments = datafusion::logical_expr::function::WindowUDFFieldArgs::new(&fields, name);
        function.field(arguments).ok().map(|f| f.data_type().clone())
    };
    let coerce = |types: &[DataType]| coerced(types, function.as_ref());
    of_function(name, "w", function.signature(), function.documentation(), &coerce, &result)
}

/// The types to which the function's own coercion brings arguments of these.
fn coerced(types: &[DataType], function: &impl UDFCoercionExt) -> Option<Vec<DataType>> {
    let fields = fields_with_udf(&fields(types), function).ok()?;
    Some(fields.iter().map(|f| f.data_type().clone()).collect())
}

fn fields(types: &[DataType]) -> Vec<FieldRef> {
    types.iter().map(|t| Arc::new(Field::new("", t.clone(), true))).collect()
}

fn of_function(
    name: &str,
    kind: &'static str,
    signature: &Signature,
    documentation: Option<&Documentation>,
    coerce: &dyn Fn(&[DataType]) -> Option<Vec<DataType>>,
    result: &dyn Fn(&[DataType]) -> Option<DataType>,
) -> Vec<Overload> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    let volatility = match signature.volatility {
        Volatility::Immutable => "i",
        Volatility::Stable => "s",
        Volatility::Volatile => "v",
    };
    let comment = documentation.map(|d| d.description.lines().next().unwrap_or_default().to_owned());
    let mut add = |arguments: Vec<u32>, result: ColumnTypeName| {
        if seen.insert(arguments.clone()) && seen.len() <= MOST_OVERLOADS {
            all.push(Overload { name: name.to_owned(), kind, arguments, result, volatility, comment: comment.clone() });
        }
    };
    for types in argument_lists(&signature.type_signature, coerce) {
        if let Some(result) = result(&types) {
            add(types.iter().map(|t| ColumnType::of_arrow(t).oid()).collect(), named(ColumnType::of_arrow(&result)));
        }
    }
    if all.is_empty() {
        let arguments = match &signature.type_signature {
            TypeSignature::ArraySignature(_) => vec![ANYARRAY.oid],
            TypeSignature::Any(n) => vec![ANY.oid; *n],
            _ => vec![ANY.oid],
        };
        let result = named(ColumnType::Scalar(&ANY));
        all.push(Overload { name: name.to_owned(), kind, arguments, result, volatility, comment });
    }
    all
}

/// The argument types to try: what the signature says, or what its own coercion leaves alone.
fn argument_lists(
    signature: &TypeSignature,
    coerce: &dyn Fn(&[DataType]) -> Option<Vec<DataType>>,
) -> Vec<Vec<DataType>> {
    let mut lists = signature.get_example_types();
    let arity = match signature.arity() {
        Arity::Fixed(0) => return vec![Vec::new()],
        Arity::Fixed(n) => n,
        Arity::Variable => 1,
    };
    // What is told has no decimals.
    let oids = |list: &[DataType]| list.iter().map(|t| ColumnType::of_arrow(t).oid()).collect::<Vec<_>>();
    let kept = |list: &Vec<DataType>| coerce(list).is_some_and(|c| oids(&c) == oids(list));
    lists.extend(candidates().into_iter().map(|t| vec![t; arity]).filter(kept));
    lists
}

fn named(column_type: ColumnType) -> ColumnTypeName {
    (column_type.oid(), column_type.sql_name())
}

fn numbered(overloads: BTreeSet<Overload>) -> Vec<FunctionRow> {
    let mut oids = Oids::default();
    let row = |o: Overload| {
        let arguments = o.arguments.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
        FunctionRow {
            oid: Oid(oids.assign(&["function", &o.name, o.kind, &arguments])),
            name: o.name,
            kind: o.kind.to_owned(),
            volatility: o.volatility.to_owned(),
            argument_count: i16::try_from(o.arguments.len()).unwrap_or(i16::MAX),
            arguments,
            result_oid: Oid(o.result.0),
            result: o.result.1,
            returns_set: false,
            comment: o.comment,
        }
    };
    overloads.into_iter().map(row).collect()
}
