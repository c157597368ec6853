//! The attributes of Playhouse: `#[action]`, `#[actor]`, `#[event]`, `#[data]` and `#[playhouse::test]`.
//!
//! Owns how they are read, what they write and what is said when they are used in a wrong way. Everything they
//! write refers to `::playhouse::__private`, so that an application depends on `playhouse` alone; what they
//! write means is documented there. Knows nothing of how actions and actors run.

use proc_macro::TokenStream;

/// Tokens of our own.
macro_rules! ours {
    ($($tokens:tt)*) => { ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*) };
}

mod action;
mod actor;
mod argument;
mod data;
mod event;
mod function;
mod names;
mod setting;
mod shape;
mod test;
mod time;

/// Makes an action of an `async fn`; documented as `playhouse::action`.
#[proc_macro_attribute]
pub fn action(arguments: TokenStream, item: TokenStream) -> TokenStream {
    action::expand(arguments.into(), &item.into()).into()
}

/// Makes an actor of an `impl` with async methods; documented as `playhouse::actor`.
#[proc_macro_attribute]
pub fn actor(arguments: TokenStream, item: TokenStream) -> TokenStream {
    actor::expand(arguments.into(), &item.into()).into()
}

/// Makes a struct something that an actor tells; documented as `playhouse::event`.
#[proc_macro_attribute]
pub fn event(arguments: TokenStream, item: TokenStream) -> TokenStream {
    event::expand(&arguments.into(), &item.into()).into()
}

/// Makes a struct or an enum travel; documented as `playhouse::data`.
#[proc_macro_attribute]
pub fn data(arguments: TokenStream, item: TokenStream) -> TokenStream {
    data::expand(&arguments.into(), &item.into()).into()
}

/// Makes an `async fn` a test; documented as `playhouse::test`.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    test::expand(&arguments.into(), &item.into()).into()
}
