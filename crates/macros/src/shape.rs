//! Writes functions that say the form of a type, for documents and for other languages.

use crate::function::mentions_impl;
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;

/// A function from a generator to the form of a type; of one without a name it says nothing.
pub(crate) fn of(ty: &impl ToTokens) -> TokenStream {
    let ty = ty.to_token_stream();
    if mentions_impl(&ty) {
        return ours!(__playhouse::shape::any);
    }
    let known = known(&ty, "shape");
    saying(&ours!((#known)(generator)))
}

/// A function from a generator, whose body may ask what is known of types.
pub(crate) fn saying(body: &TokenStream) -> TokenStream {
    ours!(|generator: &mut __playhouse::schemars::SchemaGenerator| {
        #[allow(unused_imports)]
        use __playhouse::Unknown as _;
        #body
    })
}

/// What is known of a type, whether it says its form or not.
pub(crate) fn known(ty: &impl ToTokens, what: &str) -> TokenStream {
    let what = Ident::new(what, Span::mixed_site());
    ours!(__playhouse::Known::<#ty>::#what)
}
