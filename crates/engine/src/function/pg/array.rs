//! Arrays: `array_upper`, `array_lower`, and what queries on PostgreSQL's catalog need of arrays and vectors. `int2vector` and `oidvector` are carried as
//! text, numbers between spaces.

use crate::function::{Function, Kernel, Typing, raise};
use arrow::array::{
    Array, ArrayRef, AsArray, GenericListArray, Int32Array, Int64Builder, ListArray, ListBuilder, new_empty_array,
};
use arrow::array::{Int32Builder, StringBuilder, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Int64Type};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use std::sync::Arc;
use weft_core::pgtype::{ColumnType, INT2VECTOR, OIDVECTOR, PG_TYPE_KEY};
use weft_core::{Error, ErrorKind};

/// The functions of this module.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let make = |name: &'static str, arguments: usize, typing: Typing, kernel: Kernel| {
        Arc::new(Function::with_signature(name, Signature::any(arguments, Volatility::Immutable), typing, kernel))
    };
    vec![
        make("array_upper", 2, integer, |a, _| bound(a, |length| length)),
        make("array_lower", 2, integer, |a, _| bound(a, |_| 1)),
        make("weft_subscripts", 2, integers, |a, _| subscripts(a)),
        elements_function(),
        Arc::new(ScalarUDF::new_from_impl(Vector { signature: Signature::any(1, Volatility::Immutable) })),
        make("weft_type_names", 1, |_| Ok(list_of(DataType::Utf8)), |a, _| type_names(&a[0])),
        make("weft_apart", 2, same, |a, _| Ok(a[0].clone())),
        make("weft_empty_if_null", 1, same, |a, t| empty_if_null(&a[0], t)),
        make("weft_expandarray", 1, expanded_type, |a, t| expand(&a[0], t)),
    ]
}

/// `weft_elements(vector or array)`: an array.
pub(crate) fn elements_function() -> Arc<ScalarUDF> {
    let signature = Signature::any(1, Volatility::Immutable);
    Arc::new(Function::with_signature("weft_elements", signature, elements_type, |a, t| elements(&a[0], t)))
}

fn integer(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Int32)
}

fn integers(_: &[DataType]) -> Result<DataType> {
    Ok(list_of(DataType::Int32))
}

fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(item, true)))
}

fn same(types: &[DataType]) -> Result<DataType> {
    Ok(types[0].clone())
}

fn elements_type(types: &[DataType]) -> Result<DataType> {
    match &types[0] {
        DataType::Utf8 => Ok(list_of(DataType::Int64)),
        DataType::Null => Ok(list_of(DataType::Null)),
        list @ DataType::List(_) => Ok(list.clone()),
        other => plan_err!("op ANY/ALL (array) requires array on right side, not {other}"),
    }
}

fn expanded_type(types: &[DataType]) -> Result<DataType> {
    let DataType::List(item) = elements_type(types)? else { return plan_err!("_pg_expandarray takes an array") };
    let fields =
        Fields::from(vec![Field::new("x", item.data_type().clone(), true), Field::new("n", DataType::Int32, true)]);
    Ok(list_of(DataType::Struct(fields)))
}

/// The numbers of types as SQL spells them.
fn type_names(array: &ArrayRef) -> Result<ArrayRef> {
    let numbers = cast(array, &list_of(DataType::Int64))?;
    let mut builder = ListBuilder::new(StringBuilder::new());
    for list in numbers.as_list::<i32>().iter() {
        if let Some(list) = &list {
            for number in list.as_primitive::<Int64Type>() {
                builder.values().append_option(number.map(|number| super::types::type_name(number, None)));
            }
        }
        builder.append(list.is_some());
    }
    Ok(Arc::new(builder.finish()))
}

/// `weft_vector(x)`: what `unnest(x)` takes of a column, which may be a vector. A text that is none has no elements.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Vector {
    signature: Signature,
}

impl ScalarUDFImpl for Vector {
    fn name(&self) -> &str {
        "weft_vector"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(if types[0] == DataType::Utf8 { list_of(DataType::Int64) } else { types[0].clone() })
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let field = &args.arg_fields[0];
        if *field.data_type() != DataType::Utf8 {
            return Ok(field.clone());
        }
        let mark = field.metadata().get(PG_TYPE_KEY);
        if mark.is_some_and(|mark| mark == INT2VECTOR.name || mark == OIDVECTOR.name) {
            return Ok(Arc::new(Field::new(self.name(), list_of(DataType::Int64), true)));
        }
        let kind = ColumnType::of_field(field).sql_name();
        let message = format!("function unnest({kind}) does not exist");
        Err(raise(Error::new(ErrorKind::UndefinedFunction, message).with_hint("It takes an array.")))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let array = args.args[0].to_array(args.number_rows)?;
        elements(&array, args.return_field.data_type()).map(ColumnarValue::Array)
    }
}

/// The lists of a column: a vector's numbers, or the lists themselves.
fn lists(array: &ArrayRef) -> ListArray {
    if let Some(list) = array.as_list_opt::<i32>() {
        return list.clone();
    }
    let mut builder = ListBuilder::new(Int64Builder::new());
    let texts = array.as_string_opt::<i32>();
    for row in 0..array.len() {
        match texts.filter(|t| t.is_valid(row)) {
            Some(texts) => {
                let numbers = texts
                    .value(row)
                    .split(|c: char| !c.is_ascii_digit() && c != '-')
                    .filter_map(|n| n.parse::<i64>().ok());
                numbers.for_each(|n| builder.values().append_value(n));
                builder.append(true);
            }
            None => builder.append(false),
        }
    }
    builder.finish()
}

fn elements(array: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    if *array.data_type() == DataType::Utf8 {
        Ok(arrow::compute::cast(&(Arc::new(lists(array)) as ArrayRef), target)?)
    } else {
        Ok(array.clone())
    }
}

/// The bound of the first dimension; lists of lists are not told apart.
fn bound(arguments: &[ArrayRef], of: fn(i32) -> i32) -> Result<ArrayRef> {
    let lists = lists(&arguments[0]);
    let dimensions = arrow::compute::cast(&arguments[1], &DataType::Int64)?;
    let dimensions = dimensions.as_primitive::<Int64Type>();
    let at = |row: usize| {
        let known = lists.is_valid(row)
            && dimensions.is_valid(row)
            && dimensions.value(row) == 1
            && lists.value_length(row) > 0;
        known.then(|| of(lists.value_length(row)))
    };
    Ok(Arc::new((0..lists.len()).map(at).collect::<Int32Array>()))
}

fn subscripts(arguments: &[ArrayRef]) -> Result<ArrayRef> {
    let lists = lists(&arguments[0]);
    let mut builder = ListBuilder::new(Int32Builder::new());
    for row in 0..lists.len() {
        let length = if lists.is_valid(row) { lists.value_length(row) } else { 0 };
        (1..=length).for_each(|n| builder.values().append_value(n));
        builder.append(true);
    }
    Ok(Arc::new(builder.finish()))
}

fn empty_if_null(array: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    let DataType::List(item) = target else { return Ok(array.clone()) };
    let Some(list) = array.as_list_opt::<i32>() else {
        let offsets = OffsetBuffer::from_lengths(vec![0; array.len()]);
        return Ok(Arc::new(ListArray::try_new(item.clone(), offsets, new_empty_array(item.data_type()), None)?));
    };
    let lengths = (0..list.len()).map(|row| if list.is_valid(row) { list.value_length(row) as usize } else { 0 });
    let offsets = OffsetBuffer::from_lengths(lengths);
    let kept: Vec<ArrayRef> = (0..list.len()).filter(|row| list.is_valid(*row)).map(|row| list.value(row)).collect();
    let parts: Vec<&dyn Array> = kept.iter().map(|a| a.as_ref()).collect();
    let values = if parts.is_empty() { new_empty_array(item.data_type()) } else { arrow::compute::concat(&parts)? };
    Ok(Arc::new(GenericListArray::<i32>::try_new(item.clone(), offsets, values, None)?))
}

/// Each element with its number.
fn expand(array: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    let list = empty_if_null(
        &(Arc::new(lists(array)) as ArrayRef),
        &DataType::List(Arc::new(Field::new_list_field(lists(array).value_type(), true))),
    )?;
    let list = list.as_list::<i32>();
    let numbers: Int32Array = (0..list.len()).flat_map(|row| 1..=list.value_length(row)).collect();
    let DataType::List(item) = target else { return plan_err!("_pg_expandarray gives rows") };
    let DataType::Struct(fields) = item.data_type() else { return plan_err!("_pg_expandarray gives rows") };
    let values = StructArray::try_new(fields.clone(), vec![list.values().clone(), Arc::new(numbers)], None)?;
    Ok(Arc::new(ListArray::try_new(item.clone(), list.offsets().clone(), Arc::new(values), None)?))
}
