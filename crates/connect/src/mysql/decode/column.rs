//! One column of a batch while it grows. It must not know rows or statements.

use super::refusal::Refusal;
use super::{moment, number};
use arrow::array::{Array, ArrayRef, BinaryBuilder, BooleanBuilder, NullBuilder, PrimitiveBuilder, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, FieldRef, Float32Type, Float64Type, Int16Type, Int32Type,
    Int64Type, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use std::str;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};

/// Values so far, and the field that they must fit.
pub(super) struct Column {
    field: FieldRef,
    values: Box<dyn Values>,
}

impl Column {
    /// An empty one.
    pub(super) fn new(field: &FieldRef) -> Result<Column> {
        let values = values_of(field.data_type())
            .ok_or_else(|| Error::internal(format!("a source of kind mysql cannot return {}", field.data_type())))?;
        Ok(Column { field: field.clone(), values })
    }

    /// Adds a value.
    pub(super) fn push(&mut self, text: &[u8]) -> Result<()> {
        self.values.push(text).map_err(|refusal| refusal.explain(text, &self.field))
    }

    /// Adds NULL.
    pub(super) fn push_null(&mut self) -> Result<()> {
        if !self.field.is_nullable() {
            return Err(Error::new(
                ErrorKind::DataException,
                format!("column \"{}\" is declared not to be null, but is", self.field.name()),
            ));
        }
        self.values.push_null();
        Ok(())
    }

    /// The values as an array, leaving none.
    pub(super) fn finish(&mut self) -> Result<ArrayRef> {
        let array = self.values.finish();
        if array.data_type() == self.field.data_type() {
            return Ok(array);
        }
        // Another layout of the same text or bytes.
        cast(&array, self.field.data_type()).map_err(|e| Error::internal("a column cannot be laid out").with_source(e))
    }
}

/// Values of one Arrow type, read from text.
trait Values: Send {
    fn push(&mut self, text: &[u8]) -> Result<(), Refusal>;
    fn push_null(&mut self);
    fn finish(&mut self) -> ArrayRef;
}

/// An empty column of the type; none for types that no column or expression of MySQL has here.
fn values_of(data_type: &DataType) -> Option<Box<dyn Values>> {
    Some(match data_type {
        DataType::Null => Box::new(NullBuilder::new()),
        DataType::Boolean => Box::new(BooleanBuilder::new()),
        DataType::Int16 => primitive::<Int16Type>(data_type, narrow),
        DataType::Int32 => primitive::<Int32Type>(data_type, narrow),
        DataType::Int64 => primitive::<Int64Type>(data_type, number::whole),
        DataType::Float32 => primitive::<Float32Type>(data_type, number::single),
        DataType::Float64 => primitive::<Float64Type>(data_type, number::double),
        DataType::Decimal128(precision, scale) => decimal(data_type, *precision, u32::try_from(*scale).ok()?)?,
        DataType::Date32 => primitive::<Date32Type>(data_type, moment::date),
        DataType::Time64(TimeUnit::Microsecond) => primitive::<Time64MicrosecondType>(data_type, moment::time),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            primitive::<TimestampMicrosecondType>(data_type, moment::timestamp)
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Box::new(StringBuilder::new()),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Box::new(BinaryBuilder::new()),
        _ => return None,
    })
}

struct Primitive<T: ArrowPrimitiveType, R> {
    builder: PrimitiveBuilder<T>,
    read: R,
}

fn primitive<T: ArrowPrimitiveType>(
    data_type: &DataType,
    read: impl Fn(&[u8]) -> Result<T::Native, Refusal> + Send + 'static,
) -> Box<dyn Values> {
    Box::new(Primitive { builder: PrimitiveBuilder::<T>::new().with_data_type(data_type.clone()), read })
}

fn decimal(data_type: &DataType, precision: u8, scale: u32) -> Option<Box<dyn Values>> {
    let bound = 10_u128.checked_pow(u32::from(precision))?;
    Some(primitive::<Decimal128Type>(data_type, move |text| {
        let number = number::scaled(text, scale)?;
        if number.unsigned_abs() < bound { Ok(number) } else { Err(Refusal::TooLarge) }
    }))
}

fn narrow<T: TryFrom<i64>>(text: &[u8]) -> Result<T, Refusal> {
    T::try_from(number::whole(text)?).map_err(|_| Refusal::TooLarge)
}

impl<T, R> Values for Primitive<T, R>
where
    T: ArrowPrimitiveType,
    R: Fn(&[u8]) -> Result<T::Native, Refusal> + Send,
{
    fn push(&mut self, text: &[u8]) -> Result<(), Refusal> {
        self.builder.append_value((self.read)(text)?);
        Ok(())
    }

    fn push_null(&mut self) {
        self.builder.append_null();
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.builder.finish())
    }
}

/// MySQL's truth values are numbers.
impl Values for BooleanBuilder {
    fn push(&mut self, text: &[u8]) -> Result<(), Refusal> {
        self.append_value(match number::whole(text)? {
            0 => false,
            1 => true,
            _ => return Err(Refusal::Malformed),
        });
        Ok(())
    }

    fn push_null(&mut self) {
        self.append_null();
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.finish())
    }
}

impl Values for StringBuilder {
    fn push(&mut self, text: &[u8]) -> Result<(), Refusal> {
        self.append_value(str::from_utf8(text).map_err(|_| Refusal::NotUtf8)?);
        Ok(())
    }

    fn push_null(&mut self) {
        self.append_null();
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.finish())
    }
}

impl Values for BinaryBuilder {
    fn push(&mut self, text: &[u8]) -> Result<(), Refusal> {
        self.append_value(text);
        Ok(())
    }

    fn push_null(&mut self) {
        self.append_null();
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.finish())
    }
}

/// Every value is NULL.
impl Values for NullBuilder {
    fn push(&mut self, _: &[u8]) -> Result<(), Refusal> {
        Err(Refusal::Malformed)
    }

    fn push_null(&mut self) {
        self.append_null();
    }

    fn finish(&mut self) -> ArrayRef {
        Arc::new(self.finish())
    }
}
