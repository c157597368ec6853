//! `#[data]`: what travels. Derives what an application needs of such a type, with serde through the facade.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Item, Meta, Path, Token};

pub(crate) fn expand(arguments: &TokenStream, item: &TokenStream) -> TokenStream {
    match attributes(arguments, item) {
        Ok(attributes) => quote! { #attributes #item },
        Err(error) => {
            let error = error.into_compile_error();
            quote! { #error #item }
        }
    }
}

/// The derives and the serde attribute to put above the item.
pub(crate) fn attributes(arguments: &TokenStream, item: &TokenStream) -> syn::Result<TokenStream> {
    if !arguments.is_empty() {
        return Err(Error::new_spanned(arguments, "`#[data]` takes nothing in brackets: write `#[data]`"));
    }
    let (own, is_enum) = match syn::parse2(item.clone()) {
        Ok(Item::Struct(item)) => (item.attrs, false),
        Ok(Item::Enum(item)) => (item.attrs, true),
        Ok(_) | Err(_) => {
            return Err(Error::new_spanned(item, "`#[data]` stands above a struct or an enum"));
        }
    };
    let derives = derives(&own);
    let serde = serde(&own, is_enum);
    // The form that travels, for documents and for types of other languages; it follows serde's attributes.
    let schemars = (!derived(&own).iter().any(|name| name == "JsonSchema"))
        .then(|| quote! { #[schemars(crate = "::playhouse::__private::schemars")] });
    Ok(quote! { #derives #serde #schemars })
}

/// What is derived; not what the application derives itself.
fn derives(own: &[Attribute]) -> TokenStream {
    let taken = derived(own);
    let wanted = [
        ("Clone", quote!(::core::clone::Clone)),
        ("Debug", quote!(::core::fmt::Debug)),
        ("Serialize", quote!(::playhouse::__private::serde::Serialize)),
        ("Deserialize", quote!(::playhouse::__private::serde::Deserialize)),
        ("JsonSchema", quote!(::playhouse::__private::schemars::JsonSchema)),
    ];
    let paths =
        wanted.into_iter().filter(|(name, _)| !taken.iter().any(|own| own == name)).map(|(_, path)| path);
    quote! { #[derive(#(#paths),*)] }
}

/// The names in the `#[derive(..)]` below ours.
fn derived(own: &[Attribute]) -> Vec<String> {
    let mut names = Vec::new();
    for attribute in own.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let paths = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
        let last = |path: Path| path.segments.last().map(|segment| segment.ident.to_string());
        names.extend(paths.into_iter().flatten().filter_map(last));
    }
    names
}

/// serde through the facade; fields in camelCase unless the application says otherwise.
fn serde(own: &[Attribute], is_enum: bool) -> TokenStream {
    let set = serde_settings(own);
    let is_set = |name: &str| set.iter().any(|own| own == name);
    let mut settings = Vec::new();
    if !is_set("crate") {
        settings.push(quote!(crate = "::playhouse::__private::serde"));
    }
    if !is_set("rename_all") {
        settings.push(quote!(rename_all = "camelCase"));
    }
    if is_enum && !is_set("rename_all_fields") {
        settings.push(quote!(rename_all_fields = "camelCase"));
    }
    quote! { #[serde(#(#settings),*)] }
}

/// The names of what the application's own `#[serde(..)]` set.
fn serde_settings(own: &[Attribute]) -> Vec<String> {
    let mut names = Vec::new();
    for attribute in own.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // What can't be read here is serde's to complain about.
        let settings = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        names.extend(settings.into_iter().flatten().map(|meta| meta.path().to_token_stream().to_string()));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn above(item: &TokenStream) -> String {
        attributes(&TokenStream::new(), item)
            .map_or_else(|error| error.to_string(), |tokens| tokens.to_string())
    }

    #[test]
    fn what_is_derived_already_is_left_out() {
        let text = above(&quote! { #[derive(Default, Clone)] struct A { b: u8 } });
        assert!(!text.contains("Clone") && text.contains("Debug") && text.contains("Serialize"), "{text}");
    }

    #[test]
    fn own_serde_settings_stay() {
        let text = above(&quote! { #[serde(rename_all = "snake_case")] enum A { B { c: u8 } } });
        assert!(text.contains("rename_all_fields") && !text.contains("rename_all ="), "{text}");
    }

    #[test]
    fn only_structs_and_enums() {
        assert_eq!(above(&quote! { fn a() {} }), "`#[data]` stands above a struct or an enum");
    }
}
