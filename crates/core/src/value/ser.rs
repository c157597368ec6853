//! From an application's types to a value.

use super::{Value, ValueError, mark, spelled};
use compact_str::CompactString;
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// The value of anything that serde can write.
///
/// # Errors
/// What the type's own serialization refuses, with the place.
pub fn to_value<T: Serialize + ?Sized>(from: &T) -> Result<Value, ValueError> {
    from.serialize(Writer { exact: false })
}

/// Writes values. `exact` while a [`Value`] writes itself: only then its kinds keep to themselves.
#[derive(Clone, Copy)]
struct Writer {
    exact: bool,
}

type Written = Result<Value, ValueError>;

/// A name and what it stands before, as variants are written.
fn variant(name: &'static str, value: Value) -> Value {
    Value::Map(vec![(Value::text(name), value)])
}

impl Writer {
    fn list(self, len: Option<usize>) -> List {
        List { writer: self, items: Vec::with_capacity(len.unwrap_or_default().min(1024)), variant: None }
    }

    fn map(self, len: Option<usize>) -> Map {
        let entries = Vec::with_capacity(len.unwrap_or_default().min(1024));
        Map { writer: self, entries, key: None, variant: None }
    }
}

impl Serializer for Writer {
    type Ok = Value;
    type Error = ValueError;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = List;
    type SerializeMap = Map;
    type SerializeStruct = Map;
    type SerializeStructVariant = Map;

    fn is_human_readable(&self) -> bool {
        !self.exact
    }

    fn serialize_bool(self, v: bool) -> Written {
        Ok(Value::Bool(v))
    }

    fn serialize_i8(self, v: i8) -> Written {
        Ok(Value::Int(v.into()))
    }

    fn serialize_i16(self, v: i16) -> Written {
        Ok(Value::Int(v.into()))
    }

    fn serialize_i32(self, v: i32) -> Written {
        Ok(Value::Int(v.into()))
    }

    fn serialize_i64(self, v: i64) -> Written {
        Ok(Value::Int(v))
    }

    fn serialize_i128(self, v: i128) -> Written {
        Ok(i64::try_from(v).map_or_else(|_| Value::Big(v.into()), Value::Int))
    }

    fn serialize_u8(self, v: u8) -> Written {
        Ok(Value::Int(v.into()))
    }

    fn serialize_u16(self, v: u16) -> Written {
        Ok(Value::Int(v.into()))
    }

    fn serialize_u32(self, v: u32) -> Written {
        Ok(Value::Int(v.into()))
    }

    fn serialize_u64(self, v: u64) -> Written {
        Ok(i64::try_from(v).map_or_else(|_| Value::Big(v.into()), Value::Int))
    }

    fn serialize_u128(self, v: u128) -> Written {
        Ok(i64::try_from(v).map_or_else(|_| Value::Big(v.into()), Value::Int))
    }

    fn serialize_f32(self, v: f32) -> Written {
        Ok(Value::Float(v.into()))
    }

    fn serialize_f64(self, v: f64) -> Written {
        Ok(Value::Float(v))
    }

    fn serialize_char(self, v: char) -> Written {
        Ok(Value::text(v.encode_utf8(&mut [0; 4])))
    }

    fn serialize_str(self, v: &str) -> Written {
        Ok(Value::text(v))
    }

    fn serialize_bytes(self, v: &[u8]) -> Written {
        Ok(Value::Bytes(v.to_vec()))
    }

    fn serialize_none(self) -> Written {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Written {
        Ok(Value::text(name))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Written {
        match name {
            mark::VALUE => value.serialize(Writer { exact: true }),
            mark::BIG => spelled::big(&value.serialize(self)?).map_err(ValueError::new),
            mark::TAGGED => spelled::tagged(value.serialize(self)?).map_err(ValueError::new),
            _ => value.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Written {
        Ok(variant(name, value.serialize(self)?))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<List, ValueError> {
        Ok(self.list(len))
    }

    fn serialize_tuple(self, len: usize) -> Result<List, ValueError> {
        Ok(self.list(Some(len)))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<List, ValueError> {
        Ok(self.list(Some(len)))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        len: usize,
    ) -> Result<List, ValueError> {
        Ok(List { variant: Some(name), ..self.list(Some(len)) })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Map, ValueError> {
        Ok(self.map(len))
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Map, ValueError> {
        Ok(self.map(Some(len)))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        len: usize,
    ) -> Result<Map, ValueError> {
        Ok(Map { variant: Some(name), ..self.map(Some(len)) })
    }
}

/// A list while it is written.
struct List {
    writer: Writer,
    items: Vec<Value>,
    variant: Option<&'static str>,
}

impl List {
    fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ValueError> {
        let item = item.serialize(self.writer);
        self.items.push(item.map_err(|error| error.within(format_args!("[{}]", self.items.len())))?);
        Ok(())
    }

    fn finish(self) -> Value {
        let list = Value::List(self.items);
        match self.variant {
            Some(name) => variant(name, list),
            None => list,
        }
    }
}

/// A map while it is written.
struct Map {
    writer: Writer,
    entries: Vec<(Value, Value)>,
    key: Option<Value>,
    variant: Option<&'static str>,
}

impl Map {
    fn put<T: Serialize + ?Sized>(&mut self, key: Value, value: &T) -> Result<(), ValueError> {
        let value = value
            .serialize(self.writer)
            .map_err(|error| error.within(format_args!(".{}", key.as_text().unwrap_or("?"))))?;
        self.entries.push((key, value));
        Ok(())
    }

    fn finish(self) -> Value {
        let map = Value::Map(self.entries);
        match self.variant {
            Some(name) => variant(name, map),
            None => map,
        }
    }
}

macro_rules! list {
    ($($kind:ident $add:ident),*) => {
        $(impl $kind for List {
            type Ok = Value;
            type Error = ValueError;

            fn $add<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ValueError> {
                self.push(item)
            }

            fn end(self) -> Written {
                Ok(self.finish())
            }
        })*
    };
}

list!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

macro_rules! map {
    ($($kind:ident),*) => {
        $(impl $kind for Map {
            type Ok = Value;
            type Error = ValueError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), ValueError> {
                self.put(Value::Text(CompactString::const_new(key)), value)
            }

            fn end(self) -> Written {
                Ok(self.finish())
            }
        })*
    };
}

map!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Map {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ValueError> {
        self.key = Some(key.serialize(self.writer)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        let key = self.key.take().ok_or_else(|| ValueError::new("a map's value before its key"))?;
        self.put(key, value)
    }

    fn end(self) -> Written {
        Ok(self.finish())
    }
}
