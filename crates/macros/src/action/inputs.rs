//! The struct beside the function: the action where a type is wanted (`actions::<(status,)>()`), and a call of it with
//! its inputs where a value is (`t.run(greet { name: "Ben".into() })`).
//!
//! The function keeps the namespace of values, which a struct with named fields does not need. What is missing, unknown
//! or of another type in a call is then told by the compiler as for any struct, and costs it no more.

use super::Action;
use super::parameter::{Input, Parameter, Role};
use crate::function::{inside, mentions_impl};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemFn, Type};

/// The struct; without fields where the action could not be read.
pub(super) fn structure(function: &ItemFn, action: Option<&Action<'_>>) -> TokenStream {
    let ItemFn { attrs, vis, sig, .. } = function;
    let ident = &sig.ident;
    let cfg = attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let doc = format!(
        "The action [`{ident}`](fn@{ident}): as a type for `App::actions`, with its inputs as a call for `Test::run`."
    );
    let fields = action.into_iter().flat_map(inputs).map(|(parameter, input)| {
        let (name, ty, doc) = (&parameter.ident, sent(parameter, input), described(input));
        quote! { #[doc = #doc] #vis #name: #ty }
    });
    quote! {
        #(#cfg)*
        #[doc = #doc]
        // A type that the function may use, its call may use as well.
        #[allow(non_camel_case_types, private_interfaces, unreachable_pub)]
        #vis struct #ident { #(#fields),* }
    }
}

/// The `impl Inputs`. It asks of the types only where the action is called through it: an input that can be read but
/// not written, or an answer that can be written but not read, is no mistake.
pub(super) fn implementation(action: &Action<'_>) -> TokenStream {
    let ident = action.ident;
    let answer = answer(action.output);
    let own = own_types(action);
    let bounds = own.iter().map(|ty| ours!(#ty: for<'travels> __playhouse::Travels<'travels>));
    let writes = inputs(action).map(|(parameter, input)| {
        let (name, wire) = (&parameter.ident, &input.wire);
        let write = if is_optional(input) { ours!(optional) } else { ours!(required) };
        ours!(sending.#write(#wire, &self.#name);)
    });
    ours! {
        const _: () = {
            use ::playhouse::__private as __playhouse;
            // The answer is a parameter and no type of the trait's: that could not be more private than the function.
            impl __playhouse::Inputs<#answer> for #ident
            where
                #(#bounds),*
            {
                // Inlined, so that an application which never calls it has no code of it.
                #[inline]
                fn write(&self, sending: &mut __playhouse::Sending) {
                    #(#writes)*
                    let _ = sending;
                }
            }
        };
    }
}

fn inputs<'a>(action: &'a Action<'_>) -> impl Iterator<Item = (&'a Parameter, &'a Input)> {
    action.parameters.iter().filter_map(|parameter| match &parameter.role {
        Role::Input(input) => Some((parameter, &**input)),
        Role::Context | Role::From => None,
    })
}

fn is_optional(input: &Input) -> bool {
    input.optional.is_some() || input.default.is_some()
}

/// What a field of the call holds. An input with a parsing of its own may be sent in any form that this takes.
fn sent(parameter: &Parameter, input: &Input) -> TokenStream {
    let ty = travelling(parameter, input);
    if is_optional(input) { quote!(::core::option::Option<#ty>) } else { ty }
}

/// The type that is written where the input is there.
fn travelling(parameter: &Parameter, input: &Input) -> TokenStream {
    let ty = input.optional.as_ref().unwrap_or(&parameter.ty);
    if input.parse.is_some() { quote!(::playhouse::Value) } else { quote!(#ty) }
}

/// Each type once: the compiler would look at every bound.
fn own_types(action: &Action<'_>) -> Vec<TokenStream> {
    let mut types: Vec<TokenStream> = Vec::new();
    for (parameter, input) in inputs(action) {
        let ty = travelling(parameter, input);
        if types.iter().all(|known| known.to_string() != ty.to_string()) {
            types.push(ty);
        }
    }
    types
}

fn described(input: &Input) -> String {
    let Input { wire, description, .. } = input;
    let none = if is_optional(input) { "; `None` sends none" } else { "" };
    format!("The input `{wire}`{none}.\n\n{description}").trim_end().to_owned()
}

/// The type in which a caller reads the answer. A borrowed text comes as an owned one, and what has no name as it is.
fn answer(output: &Type) -> TokenStream {
    match inside(output) {
        Type::Reference(reference) if matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str")) =>
        {
            quote!(::std::string::String)
        }
        inner if mentions_impl(inner) => quote!(::playhouse::Value),
        _ => ours!(<#output as __playhouse::Outcome>::Answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(output: &str) -> String {
        answer(&syn::parse_str(output).unwrap()).to_string().replace(' ', "")
    }

    #[test]
    fn answers_are_read_as_what_can_be_read() {
        assert_eq!(answered("Result<&'static str>"), "::std::string::String");
        assert_eq!(answered("Result<impl Serialize>"), "::playhouse::Value");
        assert_eq!(answered("Result<Vec<u8>>"), "<Result<Vec<u8>>as__playhouse::Outcome>::Answer");
    }
}
