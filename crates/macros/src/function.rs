//! Functions as the attributes read them: what they return, what is said of them, and all that is wrong with them.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Error, Expr, ExprLit, GenericArgument, Lit, Meta, PathArguments, ReturnType, Signature, Type,
};

/// Tokens of our own that are shown at a place of the application's.
pub(crate) fn at(place: Span) -> Span {
    Span::mixed_site().located_at(place)
}

/// All that is wrong, told at once.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                match &mut self.0 {
                    Some(first) => first.combine(error),
                    None => self.0 = Some(error),
                }
                None
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn finish(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// What a function returns. `what` it is, for the sentence.
pub(crate) fn output<'s>(signature: &'s Signature, what: &str) -> syn::Result<&'s Type> {
    let wanted = |shown: &str| format!("{what} returns a `Result`: write `-> Result<{shown}>`");
    match &signature.output {
        ReturnType::Default => Err(Error::new_spanned(&signature.ident, wanted("()"))),
        ReturnType::Type(_, output) if is_result(output) => Ok(output),
        ReturnType::Type(_, output) => {
            let shown = quote!(#output).to_string();
            let shown = if shown.len() > 20 { "..".to_owned() } else { shown.replace(' ', "") };
            Err(Error::new_spanned(output, wanted(&shown)))
        }
    }
}

/// Whether the type is called `Result`, or an alias that ends with it, such as `io::Result<()>`.
fn is_result(output: &Type) -> bool {
    let Type::Path(path) = output else { return false };
    path.path.segments.last().is_some_and(|last| last.ident.to_string().ends_with("Result"))
}

/// The type inside `Result<..>`, where it is written; else the whole type.
pub(crate) fn inside(output: &Type) -> &Type {
    let Type::Path(path) = output else { return output };
    let Some(PathArguments::AngleBracketed(arguments)) =
        path.path.segments.last().map(|last| &last.arguments)
    else {
        return output;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) => inner,
        Some(_) | None => output,
    }
}

/// Whether a type is written as `impl ..`, in whole or in part: nothing but the function itself can name it.
pub(crate) fn mentions_impl(ty: &impl ToTokens) -> bool {
    fn any(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == "impl",
            TokenTree::Group(group) => any(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    any(ty.to_token_stream())
}

/// The doc comment as one text.
pub(crate) fn description(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) => Some(line.value().trim().to_owned()),
            _ => None,
        },
        Meta::NameValue(_) | Meta::Path(_) | Meta::List(_) => None,
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
