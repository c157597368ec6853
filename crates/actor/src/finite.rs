//! Finds numbers that JSON has no form for: NaN and the infinities, which serde_json writes as `null`, so that they could
//! not be read again. Knows nothing of what they are in.

use serde::Serialize;
use serde::ser::{self, Serializer};
use std::fmt;

/// Looks through all of a value.
///
/// # Errors
/// The first such number, and the field that it is in.
pub(crate) fn check<T: Serialize + ?Sized>(value: &T) -> Result<(), String> {
    // Most are well; only for one that is not its place is worth the search.
    if value.serialize(Look).is_ok() {
        return Ok(());
    }
    serde_path_to_error::serialize(value, Look).map_err(|odd| {
        let (path, what) = (odd.path().to_string(), odd.into_inner());
        if path == "." { what.0 } else { format!("`{path}`: {what}") }
    })
}

/// Writes nothing.
#[derive(Clone, Copy)]
struct Look;

#[derive(Debug)]
struct Odd(String);

impl std::error::Error for Odd {}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ser::Error for Odd {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self(what.to_string())
    }
}

type Seen = Result<(), Odd>;

macro_rules! fine {
    ($($name:ident($($kind:ty),*);)*) => {
        $(fn $name(self, $(_: $kind),*) -> Seen {
            Ok(())
        })*
    };
}

macro_rules! begin {
    ($($name:ident($($kind:ty),*);)*) => {
        $(fn $name(self, $(_: $kind),*) -> Result<Self, Odd> {
            Ok(self)
        })*
    };
}

impl Serializer for Look {
    type Ok = ();
    type Error = Odd;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    fn serialize_f32(self, number: f32) -> Seen {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Seen {
        if number.is_finite() {
            return Ok(());
        }
        Err(Odd(format!(
            "{number} is no number of JSON, so it could not be read again; write `None` in its place"
        )))
    }

    fine! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_u128(u128);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    begin! {
        serialize_seq(Option<usize>);
        serialize_tuple(usize);
        serialize_tuple_struct(&'static str, usize);
        serialize_tuple_variant(&'static str, u32, &'static str, usize);
        serialize_map(Option<usize>);
        serialize_struct(&'static str, usize);
        serialize_struct_variant(&'static str, u32, &'static str, usize);
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Seen {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Seen {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Seen {
        value.serialize(self)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Seen {
        Ok(())
    }
}

macro_rules! items {
    ($($kind:ident: $($part:ident)*;)*) => {
        $(impl ser::$kind for Look {
            type Ok = ();
            type Error = Odd;

            $(fn $part<T: Serialize + ?Sized>(&mut self, part: &T) -> Seen {
                part.serialize(*self)
            })*

            fn end(self) -> Seen {
                Ok(())
            }
        })*
    };
}

items! {
    SerializeSeq: serialize_element;
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
    SerializeTupleVariant: serialize_field;
    SerializeMap: serialize_key serialize_value;
}

macro_rules! fields {
    ($($kind:ident)*) => {
        $(impl ser::$kind for Look {
            type Ok = ();
            type Error = Odd;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, part: &T) -> Seen {
                part.serialize(*self)
            }

            fn end(self) -> Seen {
                Ok(())
            }
        })*
    };
}

fields!(SerializeStruct SerializeStructVariant);

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Serialize)]
    enum Shape {
        Point,
        Round(f32),
        Box { size: (f64, Option<f64>) },
    }

    #[derive(Serialize)]
    struct All {
        name: Option<&'static str>,
        shapes: Vec<Shape>,
        by_name: BTreeMap<&'static str, f64>,
    }

    fn all(shape: Shape, number: f64) -> All {
        All { name: None, shapes: vec![Shape::Point, shape], by_name: [("a", number)].into() }
    }

    #[test]
    fn numbers_that_json_lacks_are_found_and_named() {
        assert_eq!(check(&all(Shape::Round(1.0), f64::MAX)), Ok(()));
        assert_eq!(check(&all(Shape::Box { size: (1.0, None) }, -0.0)), Ok(()));
        for (value, place) in [
            (all(Shape::Round(f32::NAN), 1.0), "`shapes[1]`: NaN"),
            (all(Shape::Box { size: (1.0, Some(f64::INFINITY)) }, 1.0), "`shapes[1].size[1]`: inf"),
            (all(Shape::Point, f64::NEG_INFINITY), "`by_name.a`: -inf"),
        ] {
            let told = check(&value).unwrap_err();
            assert!(told.starts_with(place), "{told}");
        }
        assert!(check(&f64::NAN).unwrap_err().starts_with("NaN is no number"));
    }
}
