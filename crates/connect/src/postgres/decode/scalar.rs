//! Columns of values that are read by one function: the frame that numbers, times and texts share.

use super::{Column, Misfit};
use arrow::array::{ArrayRef, ArrowPrimitiveType, BinaryBuilder, BooleanBuilder, PrimitiveBuilder, StringBuilder};
use arrow::datatypes::DataType;
use std::sync::Arc;

/// A column of a type of fixed size, read by `read`.
pub(super) fn primitive<T: ArrowPrimitiveType>(
    wanted: &DataType,
    read: impl Fn(&[u8]) -> Result<T::Native, Misfit> + Send + 'static,
) -> Box<dyn Column> {
    Box::new(Primitive { builder: PrimitiveBuilder::<T>::new().with_data_type(wanted.clone()), read })
}

/// A column of truth values.
pub(super) fn boolean() -> Box<dyn Column> {
    Box::new(Boolean(BooleanBuilder::new()))
}

/// A column of bytes as they are.
pub(super) fn binary() -> Box<dyn Column> {
    Box::new(Binary(BinaryBuilder::new()))
}

/// A column of text that `write` makes of each value.
pub(super) fn string(
    write: impl Fn(&[u8], &mut StringBuilder) -> Result<(), Misfit> + Send + 'static,
) -> Box<dyn Column> {
    Box::new(Text { builder: StringBuilder::new(), write })
}

/// The value as an array of exactly `N` bytes.
pub(super) fn fixed<const N: usize>(value: &[u8], what: &str) -> Result<[u8; N], Misfit> {
    value.try_into().map_err(|_| Misfit::malformed(what))
}

struct Primitive<T: ArrowPrimitiveType, F> {
    builder: PrimitiveBuilder<T>,
    read: F,
}

impl<T: ArrowPrimitiveType, F: Fn(&[u8]) -> Result<T::Native, Misfit> + Send> Column for Primitive<T, F> {
    fn push(&mut self, value: Option<&[u8]>) -> Result<(), Misfit> {
        match value {
            Some(value) => self.builder.append_value((self.read)(value)?),
            None => self.builder.append_null(),
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<ArrayRef, Misfit> {
        Ok(Arc::new(self.builder.finish()))
    }
}

struct Boolean(BooleanBuilder);

impl Column for Boolean {
    fn push(&mut self, value: Option<&[u8]>) -> Result<(), Misfit> {
        match value {
            Some(value) => self.0.append_value(fixed::<1>(value, "boolean")? != [0]),
            None => self.0.append_null(),
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<ArrayRef, Misfit> {
        Ok(Arc::new(self.0.finish()))
    }
}

struct Binary(BinaryBuilder);

impl Column for Binary {
    fn push(&mut self, value: Option<&[u8]>) -> Result<(), Misfit> {
        self.0.append_option(value);
        Ok(())
    }

    fn finish(&mut self) -> Result<ArrayRef, Misfit> {
        Ok(Arc::new(self.0.finish()))
    }
}

struct Text<F> {
    builder: StringBuilder,
    write: F,
}

impl<F: Fn(&[u8], &mut StringBuilder) -> Result<(), Misfit> + Send> Column for Text<F> {
    fn push(&mut self, value: Option<&[u8]>) -> Result<(), Misfit> {
        match value {
            Some(value) => (self.write)(value, &mut self.builder),
            None => {
                self.builder.append_null();
                Ok(())
            }
        }
    }

    fn finish(&mut self) -> Result<ArrayRef, Misfit> {
        Ok(Arc::new(self.builder.finish()))
    }
}
