//! Arrays of one dimension as lists. Others would lose their shape: they are refused. Source of the binary form: `array_send`.

use super::{Column, Misfit};
use arrow::array::{ArrayRef, ListArray, NullBufferBuilder};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, FieldRef};
use std::sync::Arc;
use tokio_postgres::types::Type;
use weft_core::ErrorKind;

const OTHERWISE: &str = "Read the column as text by remote_query.";

/// A column of lists whose elements have the type `item`.
pub(super) fn column(item: &Type, wanted: &DataType) -> Option<Box<dyn Column>> {
    let DataType::List(field) = wanted else { return None };
    let items = super::column(item, field.data_type())?;
    Some(Box::new(Lists { field: field.clone(), items, offsets: vec![0], nulls: NullBufferBuilder::new(0) }))
}

struct Lists {
    field: FieldRef,
    items: Box<dyn Column>,
    offsets: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl Lists {
    /// Dimensions, whether there are nulls, the type of elements; for each dimension its length and lower bound; the elements, each with its length.
    fn elements(&mut self, mut value: &[u8]) -> Result<i32, Misfit> {
        let dimensions = word(&mut value)?;
        let (_nulls, _type) = (word(&mut value)?, word(&mut value)?);
        match dimensions {
            0 => return Ok(0),
            1 => {}
            _ => {
                let why = "an array of more than one dimension is not supported";
                return Err(Misfit::new(ErrorKind::FeatureNotSupported, why, OTHERWISE));
            }
        }
        let (length, lower_bound) = (word(&mut value)?, word(&mut value)?);
        if lower_bound != 1 {
            let why = format!("an array that begins at [{lower_bound}] is not supported");
            return Err(Misfit::new(ErrorKind::FeatureNotSupported, why, OTHERWISE));
        }
        if length < 0 {
            return Err(Misfit::malformed("array"));
        }
        for _ in 0..length {
            match usize::try_from(word(&mut value)?) {
                // -1
                Err(_) => self.items.push(None)?,
                Ok(bytes) => {
                    let (element, rest) = value.split_at_checked(bytes).ok_or_else(|| Misfit::malformed("array"))?;
                    self.items.push(Some(element))?;
                    value = rest;
                }
            }
        }
        Ok(length)
    }
}

impl Column for Lists {
    fn push(&mut self, value: Option<&[u8]>) -> Result<(), Misfit> {
        let length = match value {
            Some(value) => self.elements(value)?,
            None => 0,
        };
        self.nulls.append(value.is_some());
        let last = self.offsets.last().copied().unwrap_or_default();
        self.offsets.push(last.checked_add(length).ok_or_else(|| Misfit::malformed("array"))?);
        Ok(())
    }

    fn finish(&mut self) -> Result<ArrayRef, Misfit> {
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let lists = ListArray::try_new(self.field.clone(), offsets, self.items.finish()?, self.nulls.finish());
        Ok(Arc::new(lists.map_err(|e| Misfit::new(ErrorKind::Internal, e.to_string(), ""))?))
    }
}

fn word(value: &mut &[u8]) -> Result<i32, Misfit> {
    let (word, rest) = value.split_first_chunk::<4>().ok_or_else(|| Misfit::malformed("array"))?;
    *value = rest;
    Ok(i32::from_be_bytes(*word))
}
