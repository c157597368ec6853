//! `#[playhouse::test]`: an async test on a runtime of its own.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, ItemFn};

pub(crate) fn expand(arguments: &TokenStream, item: &TokenStream) -> TokenStream {
    match expanded(arguments, item.clone()) {
        Ok(tokens) => tokens,
        Err(error) => {
            let error = error.into_compile_error();
            quote! { #error #item }
        }
    }
}

fn expanded(arguments: &TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let ItemFn { attrs, vis, mut sig, block } = syn::parse2(item)?;
    if !arguments.is_empty() {
        return Err(Error::new_spanned(arguments, "`#[playhouse::test]` takes nothing in brackets"));
    }
    if sig.asyncness.take().is_none() {
        let text = "a test without `.await` needs no runtime: write `#[test]`, or `async fn`";
        return Err(Error::new_spanned(&sig.ident, text));
    }
    if !sig.inputs.is_empty() {
        return Err(Error::new_spanned(&sig.inputs, "a test takes no arguments"));
    }
    let output = &sig.output;
    Ok(quote! {
        #(#attrs)*
        #[::core::prelude::v1::test]
        #vis #sig {
            // A function of its own and not a block, so that `?` knows its error.
            async fn body() #output #block
            ::playhouse::__private::run_test(body())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_say_what_to_write() {
        for (item, said) in [
            (quote! { fn a() {} }, "write `#[test]`, or `async fn`"),
            (quote! { async fn a(b: u8) {} }, "takes no arguments"),
        ] {
            let error = expanded(&TokenStream::new(), item).map(|tokens| tokens.to_string());
            assert!(error.as_ref().is_err_and(|error| error.to_string().contains(said)), "{error:?}");
        }
    }
}
