//! `sum` and `avg` as a query names them: PostgreSQL's types, so that what stands around them is planned right. They never run: `plan/semantics` puts
//! DataFusion's own in their place, which it computes the same from.
//!
//! Source: PostgreSQL `pg_aggregate.dat`.

use super::numeric::{PRECISION, QUOTIENT_SCALE};
use super::raise;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, internal_err};
use datafusion::error::DataFusionError;
use datafusion::functions_aggregate::variance::var_samp_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, TypeSignature, Volatility};
use std::sync::Arc;
use weft_core::pgtype::ColumnType;
use weft_core::{Error, ErrorKind};

/// All of them, and `variance`.
pub fn all() -> Vec<Arc<AggregateUDF>> {
    let named = |name, typing| Arc::new(AggregateUDF::new_from_impl(Named { name, typing, signature: one_number() }));
    // PostgreSQL's historical name of `var_samp`.
    let variance = var_samp_udaf().as_ref().clone().with_aliases(["variance"]);
    vec![named("sum", Typing::Sum), named("avg", Typing::Average), Arc::new(variance)]
}

fn one_number() -> Signature {
    Signature::one_of(vec![TypeSignature::Numeric(1), TypeSignature::Any(1)], Volatility::Immutable)
}

fn no_such(name: &str, argument: &DataType) -> DataFusionError {
    let argument = ColumnType::of_arrow(argument).sql_name();
    let error = Error::new(ErrorKind::UndefinedFunction, format!("function {name}({argument}) does not exist"));
    raise(
        error.with_hint(
            "No function matches the given name and argument types. You might need to add explicit type casts.",
        ),
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Typing {
    Sum,
    Average,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Named {
    name: &'static str,
    typing: Typing,
    signature: Signature,
}

impl AggregateUDFImpl for Named {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        use DataType::*;
        Ok(match (self.typing, &types[0]) {
            (Typing::Sum, Int16 | Int32) => Int64,
            (Typing::Sum, Int64) => Decimal128(PRECISION, 0),
            (Typing::Sum, Decimal128(_, scale)) => Decimal128(PRECISION, *scale),
            (Typing::Sum, Float32) => Float32,
            (Typing::Average, Int16 | Int32 | Int64) => Decimal128(PRECISION, QUOTIENT_SCALE),
            (Typing::Average, Decimal128(_, scale)) => Decimal128(PRECISION, QUOTIENT_SCALE.max(*scale)),
            (_, Float32 | Float64 | Null) => Float64,
            (_, other) => return Err(no_such(self.name, other)),
        })
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        internal_err!("{} was not given its meaning", self.name)
    }

    fn state_fields(&self, _: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        internal_err!("{} was not given its meaning", self.name)
    }
}
