//! Writes what is known of an action's inputs and of its answer: their forms, for documents and for other languages.

use super::parameter::{Input, Parameter};
use crate::function::{at, mentions_impl};
use crate::shape::{known, saying};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, Type};

/// The `InputDefinition` of an input.
pub(super) fn input(parameter: &Parameter, input: &Input) -> TokenStream {
    let (name, required) = (&input.wire, input.optional.is_none() && input.default.is_none());
    let (ty, description) = (&parameter.ty, &input.description);
    let type_name = quote!(#ty).to_string().replace(' ', "");
    let own_parsing = input.parse.is_some();
    let shape = shape(ty, input);
    ours! {
        __playhouse::InputDefinition {
            name: #name,
            required: #required,
            type_name: #type_name,
            description: #description,
            own_parsing: #own_parsing,
            shape: #shape,
        }
    }
}

/// A function from a generator to the form of an input: its type's, with its checks and its default.
fn shape(ty: &Type, input: &Input) -> TokenStream {
    let ty = input.optional.as_ref().unwrap_or(ty);
    let known = known(ty, "shape");
    let mut schema = ours!((#known)(generator));
    for check in &input.checks {
        if let Some((name, within)) = bounds(check) {
            let typed = if name == "range" { ours!(::<#ty>) } else { TokenStream::new() };
            schema = quote_spanned!(at(check.span())=> __playhouse::shape::#name #typed(#schema, &(#within)));
        }
    }
    if let Some(value) = &input.default_shown {
        schema = ours!(__playhouse::shape::default(#schema, __playhouse::json!(#value)));
    }
    saying(&schema)
}

/// A function from a generator to the form of what an action answers.
pub(super) fn output(ty: &Type) -> TokenStream {
    if mentions_impl(ty) {
        // It has no name by which it could be asked.
        return ours!(__playhouse::shape::any_output);
    }
    let known = known(ty, "output");
    saying(&ours!((#known)(generator)))
}

/// `length(1..=500)` and `range(1..=10)`, whose range a form can show.
fn bounds(check: &Expr) -> Option<(&syn::Ident, &Expr)> {
    let Expr::Call(call) = check else { return None };
    let (Expr::Path(path), 1) = (&*call.func, call.args.len()) else { return None };
    let name = path.path.get_ident().filter(|name| *name == "length" || *name == "range")?;
    Some((name, &call.args[0]))
}
