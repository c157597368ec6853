//! `#[event]`: what an actor tells its connections. Writes its name, how its fields become arguments, and how it is read of
//! them where a test hears it.

use crate::function::at;
use crate::setting::{value, wire_name};
use crate::{data, names, shape};
use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Error, Field, Fields, Item, ItemStruct, LitStr, Meta, Token};

pub(crate) fn expand(arguments: &TokenStream, item: &TokenStream) -> TokenStream {
    let structure = match structure(item) {
        Ok(structure) => structure,
        Err(error) => {
            let error = error.into_compile_error();
            return quote! { #error #item };
        }
    };
    let (name, error) = match name(arguments, &structure) {
        Ok(name) => (name, None),
        Err(error) => (String::new(), Some(error.into_compile_error())),
    };
    let above = derives(&structure, item);
    let implementation = implementation(&structure, &name);
    quote! { #error #above #item #implementation }
}

fn structure(item: &TokenStream) -> syn::Result<ItemStruct> {
    match syn::parse2(item.clone()) {
        Ok(Item::Struct(item)) if item.generics.params.is_empty() => Ok(item),
        Ok(Item::Struct(item)) => {
            let text = "an event has no generic parameters: its fields are owned and of fixed types";
            Err(Error::new_spanned(&item.generics, text))
        }
        Ok(Item::Enum(item)) => {
            let text = "an event is a struct: write one for each variant, each with its `#[event]`";
            Err(Error::new_spanned(item.enum_token, text))
        }
        Ok(_) | Err(_) => Err(Error::new_spanned(item, "`#[event]` stands above a struct")),
    }
}

/// Its name on the wire.
fn name(arguments: &TokenStream, item: &ItemStruct) -> syn::Result<String> {
    let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
    let mut own = None;
    for meta in syn::parse::Parser::parse2(parser, arguments.clone())? {
        if !meta.path().is_ident("name") {
            let text = "`#[event]` knows no other setting than `name`: write `#[event(name = \"newCount\")]`";
            return Err(Error::new_spanned(meta.path(), text));
        }
        own = Some(wire_name(value(&meta, "name = \"newCount\"")?)?);
    }
    Ok(own.as_ref().map_or_else(|| names::camel_case_of_type(&item.ident), LitStr::value))
}

/// What a struct with named fields needs to be a map, as `#[data]` gives it; no more than it lacks.
fn derives(structure: &ItemStruct, item: &TokenStream) -> Option<TokenStream> {
    let is_data = |path: &syn::Path| path.segments.last().is_some_and(|last| last.ident == "data");
    let is_named = matches!(structure.fields, Fields::Named(_));
    if !is_named || structure.attrs.iter().any(|attribute| is_data(attribute.path())) {
        return None;
    }
    data::attributes(&TokenStream::new(), item).ok()
}

fn implementation(item: &ItemStruct, name: &str) -> TokenStream {
    let ident = &item.ident;
    let values = match &item.fields {
        Fields::Unit => Vec::new(),
        Fields::Named(_) => {
            let place = at(ident.span());
            vec![quote_spanned!(place=> __playhouse::value_of(self)?)]
        }
        Fields::Unnamed(fields) => fields.unnamed.iter().enumerate().map(tuple_field).collect(),
    };
    let shapes = match &item.fields {
        Fields::Unit => Vec::new(),
        Fields::Named(_) => vec![shape::of(ident)],
        Fields::Unnamed(fields) => fields.unnamed.iter().map(|field| shape::of(&field.ty)).collect(),
    };
    let heard = heard(item, name);
    ours! {
        const _: () = {
            use ::playhouse::__private as __playhouse;
            impl __playhouse::actor::Event for #ident {
                const NAME: &'static str = #name;
                const SHAPES: &'static [__playhouse::actor::Shape] = &[#(#shapes),*];
                fn args(&self) -> __playhouse::Result<::std::vec::Vec<__playhouse::value::Value>> {
                    ::core::result::Result::Ok(::std::vec![#(#values),*])
                }
            }
            #heard
        };
    }
}

/// How it is read. What can be written but not read is no mistake before somebody reads it, so nothing is asked of a type
/// but by a bound with a lifetime.
fn heard(item: &ItemStruct, name: &str) -> TokenStream {
    let ident = &item.ident;
    let (types, read) = match &item.fields {
        Fields::Unit => (Vec::new(), ours!(Self)),
        Fields::Named(_) => {
            (vec![ident.to_token_stream()], ours!(__playhouse::argument::<Self>(&mut args, #name)?))
        }
        Fields::Unnamed(fields) => {
            let types: Vec<_> = fields.unnamed.iter().map(|field| field.ty.to_token_stream()).collect();
            let shown = (0..types.len()).map(|nth| format!("{name}.{nth}"));
            let reads = ours!(#(__playhouse::argument::<#types>(&mut args, #shown)?),*);
            (types, ours!(Self(#reads)))
        }
    };
    ours! {
        impl __playhouse::Hearable for #ident
        where
            #(#types: for<'any> __playhouse::FromValue<'any>,)*
        {
            fn heard(mut args: __playhouse::actor::Args) -> ::core::result::Result<Self, __playhouse::Reject> {
                let heard = #read;
                args.finish()?;
                ::core::result::Result::Ok(heard)
            }
        }
    }
}

/// At the type's place, where it is told that it can't be a value.
fn tuple_field((nth, field): (usize, &Field)) -> TokenStream {
    let place = at(field.ty.span());
    let nth = syn::Index { index: u32::try_from(nth).unwrap_or(u32::MAX), span: place };
    let this = syn::Ident::new("self", place);
    quote_spanned!(place=> __playhouse::value_of(&#this.#nth)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(arguments: &TokenStream, item: &TokenStream) -> String {
        expand(arguments, item).to_string().replace(' ', "")
    }

    #[test]
    fn fields_are_arguments() {
        let tuple = written(&quote!(), &quote! { struct NewCount(i64, String); });
        assert!(tuple.contains("NAME:&'staticstr=\"newCount\""), "{tuple}");
        assert!(tuple.contains("value_of(&self.0)?") && tuple.contains("value_of(&self.1)?"), "{tuple}");
        assert!(!tuple.contains("derive"), "{tuple}");
        let named = written(&quote!(name = "here"), &quote! { struct Joined { conn_id: String } });
        assert!(
            named.contains("\"here\"") && named.contains("vec![__playhouse::value_of(self)?]"),
            "{named}"
        );
        assert!(named.contains("Serialize") && named.contains("camelCase"), "{named}");
        let unit = written(&quote!(), &quote! { struct Over; });
        assert!(unit.contains("vec![]"), "{unit}");
    }

    #[test]
    fn arguments_are_fields_again() {
        let tuple = written(&quote!(), &quote! { struct NewCount(i64, String); });
        let reads =
            "Self(__playhouse::argument::<i64>(&mutargs,\"newCount.0\")?,__playhouse::argument::<String>";
        assert!(tuple.contains(reads), "{tuple}");
        assert!(tuple.contains("i64:for<'any>__playhouse::FromValue<'any>"), "{tuple}");
        let named = written(&quote!(name = "here"), &quote! { struct Joined { conn_id: String } });
        assert!(named.contains("argument::<Self>(&mutargs,\"here\")?"), "{named}");
        let unit = written(&quote!(), &quote! { struct Over; });
        assert!(unit.contains("letheard=Self;"), "{unit}");
    }

    #[test]
    fn data_above_or_below_is_enough() {
        let below = written(&quote!(), &quote! { #[data] struct Joined { id: u8 } });
        let above = written(
            &quote!(),
            &quote! { #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)] struct J { id: u8 } },
        );
        assert!(!below.contains("derive") && above.matches("Serialize").count() == 1, "{below} {above}");
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (arguments, item, said) in [
            (quote!(), quote! { enum A { B } }, "an event is a struct"),
            (quote!(), quote! { struct A<T>(T); }, "no generic parameters"),
            (quote!(), quote! { fn a() {} }, "stands above a struct"),
            (quote!(nmae = "x"), quote! { struct A; }, "no other setting than `name`"),
            (quote!(name = 5), quote! { struct A; }, "a text in quotes"),
        ] {
            let text = expand(&arguments, &item).to_string();
            assert!(text.contains(said), "{item}: {text}");
        }
    }
}
