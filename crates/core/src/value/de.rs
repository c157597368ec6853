//! From a value to an application's types.

use super::{BigInt, Value, ValueError, mark};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use std::vec;

/// What a type makes of a value. Whole floats are read as integers where those are wanted, and big integers that fit;
/// tags are looked through.
///
/// # Errors
/// What does not fit, with the place.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, ValueError> {
    T::deserialize(Reader { value, form: Form::Plain })
}

/// How a value shows itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As what serde knows that is nearest to it.
    Plain,
    /// The same, as a key of a map: on JSON's way every key was made a text.
    Key,
    /// As what it is: a [`Value`] is read.
    Exact,
}

struct Reader {
    value: Value,
    form: Form,
}

impl Reader {
    fn whole_number(self) -> Self {
        match (&self.value, self.form) {
            (Value::Text(text), Form::Key) => match text.parse() {
                Ok(number) => Self { value: Value::Int(number), ..self },
                Err(_) => self,
            },
            _ => self,
        }
    }

    fn exact<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let marked = |name, value| Parts::of_map(vec![(Value::text(name), value)], Form::Exact);
        match self.value {
            Value::Float(number) => visitor.visit_f64(number),
            Value::Big(number) => visitor.visit_map(marked(mark::BIG, Value::text(&number.to_string()))),
            Value::Tagged(tag, value) => {
                let pair = Value::List(vec![Value::Int(tag.cast_signed()), *value]);
                visitor.visit_map(marked(mark::TAGGED, pair))
            }
            value => Self { value, ..self }.plain(visitor),
        }
    }

    fn plain<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(v) => visitor.visit_bool(v),
            Value::Int(v) => visitor.visit_i64(v),
            Value::Float(v) => match whole(v) {
                Some(whole) => visitor.visit_i64(whole),
                None => visitor.visit_f64(v),
            },
            Value::Big(v) => big(&v, visitor),
            Value::Text(v) => visitor.visit_string(v.into_string()),
            Value::Bytes(v) => visitor.visit_byte_buf(v),
            Value::List(items) => visitor.visit_seq(Parts::of_list(items, self.form)),
            Value::Map(entries) => visitor.visit_map(Parts::of_map(entries, self.form)),
            Value::Tagged(_, value) => Self { value: *value, ..self }.plain(visitor),
        }
    }
}

/// The whole number that a float is, where it is one of those that doubles hold exactly.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let is_whole = number.fract() == 0.0 && number.abs() <= EXACT;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and within 2^53")]
    is_whole.then_some(number as i64)
}

fn big<'de, V: Visitor<'de>>(number: &BigInt, visitor: V) -> Result<V::Value, ValueError> {
    if let Ok(number) = i64::try_from(number) {
        return visitor.visit_i64(number);
    }
    if let Ok(number) = u64::try_from(number) {
        return visitor.visit_u64(number);
    }
    match i128::try_from(number) {
        Ok(number) => visitor.visit_i128(number),
        Err(_) => Err(ValueError::invalid_type(Unexpected::Other("a big integer"), &visitor)),
    }
}

macro_rules! whole_numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            self.whole_number().plain(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Reader {
    type Error = ValueError;

    fn is_human_readable(&self) -> bool {
        self.form != Form::Exact
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.form {
            Form::Exact => self.exact(visitor),
            Form::Plain | Form::Key => self.plain(visitor),
        }
    }

    whole_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.value {
            Value::Null => visitor.visit_none(),
            value => visitor.visit_some(Self { value, ..self }),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let form = if name == mark::VALUE { Form::Exact } else { self.form };
        visitor.visit_newtype_struct(Self { form, ..self })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.value {
            Value::Bytes(bytes) => {
                let items = bytes.into_iter().map(|byte| Value::Int(byte.into())).collect();
                visitor.visit_seq(Parts::of_list(items, self.form))
            }
            Value::Tagged(_, value) => Self { value: *value, ..self }.deserialize_seq(visitor),
            value => Self { value, ..self }.plain(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        match self.value {
            name @ Value::Text(_) => visitor.visit_enum(Variant { name, content: None }),
            Value::Map(mut entries) if entries.len() == 1 => {
                let (name, content) = entries.pop().expect("it has one");
                visitor.visit_enum(Variant { name, content: Some(content) })
            }
            other => Err(unexpected(&other, "the name of a variant")),
        }
    }

    forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct tuple_struct map struct identifier ignored_any
    }
}

fn unexpected(value: &Value, wanted: &str) -> ValueError {
    ValueError::new(format!("expected {wanted}, got {}", value.kind()))
}

/// The parts of a list or of a map while they are read.
struct Parts<T> {
    rest: vec::IntoIter<T>,
    form: Form,
    /// Parts read, to name the place of a mistake.
    read: usize,
    /// The value of the map that stands next, and its key's name.
    next: Option<(Value, String)>,
}

impl Parts<Value> {
    fn of_list(items: Vec<Value>, form: Form) -> Self {
        Self { rest: items.into_iter(), form, read: 0, next: None }
    }
}

impl Parts<(Value, Value)> {
    fn of_map(entries: Vec<(Value, Value)>, form: Form) -> Self {
        Self { rest: entries.into_iter(), form, read: 0, next: None }
    }
}

impl<T> Parts<T> {
    fn form(&self) -> Form {
        if self.form == Form::Exact { Form::Exact } else { Form::Plain }
    }
}

impl<'de> SeqAccess<'de> for Parts<Value> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        let Some(value) = self.rest.next() else { return Ok(None) };
        let read = seed.deserialize(Reader { value, form: self.form() });
        let read = read.map_err(|error| error.within(format_args!("[{}]", self.read)))?;
        self.read += 1;
        Ok(Some(read))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

impl<'de> MapAccess<'de> for Parts<(Value, Value)> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ValueError> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.next = Some((value, key.as_text().unwrap_or("?").to_owned()));
        let form = if self.form == Form::Exact { Form::Exact } else { Form::Key };
        seed.deserialize(Reader { value: key, form }).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ValueError> {
        let (value, key) = self.next.take().ok_or_else(|| ValueError::new("a map's value before its key"))?;
        let read = seed.deserialize(Reader { value, form: self.form() });
        read.map_err(|error| error.within(format_args!(".{key}")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// A variant of an enum while it is read.
struct Variant {
    name: Value,
    content: Option<Value>,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = ValueError;
    type Variant = Content;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content), ValueError> {
        let name = seed.deserialize(Reader { value: self.name, form: Form::Plain })?;
        Ok((name, Content(self.content)))
    }
}

/// What stands behind the name of a variant.
struct Content(Option<Value>);

impl Content {
    fn reader(self) -> Reader {
        Reader { value: self.0.unwrap_or_default(), form: Form::Plain }
    }
}

impl<'de> VariantAccess<'de> for Content {
    type Error = ValueError;

    fn unit_variant(self) -> Result<(), ValueError> {
        match self.0 {
            None | Some(Value::Null) => Ok(()),
            Some(other) => Err(unexpected(&other, "nothing beside the name of the variant")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ValueError> {
        seed.deserialize(self.reader())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ValueError> {
        self.reader().deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.reader().deserialize_any(visitor)
    }
}
