//! `Self::Params` and `Self::Conn`: an `impl` of a type's own can't have types, so what was written as one is put in the
//! place of its name.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};

/// Puts each type of `named` in the place of `Self::Name`.
pub(super) fn resolve(tokens: TokenStream, named: &[(&'static str, TokenStream)]) -> TokenStream {
    let mut rest: Vec<TokenTree> = tokens.into_iter().collect();
    let mut resolved = TokenStream::new();
    while !rest.is_empty() {
        let taken = match found(&rest, named) {
            Some((ty, span)) => {
                let goes_on = is_colons(rest.get(4..));
                resolved.extend(written(ty, span, goes_on));
                4
            }
            None => {
                resolved.extend([inside(rest[0].clone(), named)]);
                1
            }
        };
        rest.drain(..taken);
    }
    resolved
}

/// The type that stands for `Self :: Name` at the beginning.
fn found<'n>(
    rest: &[TokenTree],
    named: &'n [(&'static str, TokenStream)],
) -> Option<(&'n TokenStream, Span)> {
    let [TokenTree::Ident(this), _, _, TokenTree::Ident(name), ..] = rest else { return None };
    if this != "Self" || !is_colons(rest.get(1..)) {
        return None;
    }
    named.iter().find(|(known, _)| name == known).map(|(_, ty)| (ty, name.span()))
}

fn is_colons(rest: Option<&[TokenTree]>) -> bool {
    let colon =
        |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    rest.is_some_and(|rest| colon(rest.first()) && colon(rest.get(1)))
}

/// At the place of what it stands for.
fn written(ty: &TokenStream, span: Span, goes_on: bool) -> TokenStream {
    let ty: TokenStream = ty
        .clone()
        .into_iter()
        .map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        })
        .collect();
    // `Vec<u8>::new()` is no expression, `<Vec<u8>>::new()` is one.
    if goes_on { quote!(<#ty>) } else { ty }
}

fn inside(token: TokenTree, named: &[(&'static str, TokenStream)]) -> TokenTree {
    let TokenTree::Group(group) = token else { return token };
    let mut inside = Group::new(group.delimiter(), resolve(group.stream(), named));
    inside.set_span(group.span());
    TokenTree::Group(inside)
}

/// The same tokens with the type in the place of `Self`, for code outside of its `impl`.
pub(super) fn without_self(tokens: TokenStream, ty: &TokenStream) -> TokenStream {
    let one = |token: TokenTree| match token {
        TokenTree::Ident(ident) if ident == "Self" => ty.clone(),
        TokenTree::Group(group) => {
            let mut inside = Group::new(group.delimiter(), without_self(group.stream(), ty));
            inside.set_span(group.span());
            TokenTree::Group(inside).into_token_stream()
        }
        token => token.into_token_stream(),
    };
    tokens.into_iter().flat_map(one).collect()
}

/// The name of what is written beside the type.
pub(super) fn beside(ident: &Ident, what: &str) -> Ident {
    quote::format_ident!("{ident}{what}", span = ident.span())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tight(tokens: &TokenStream) -> String {
        tokens.to_string().replace(' ', "")
    }

    #[test]
    fn named_types_are_put_in_their_places() {
        let named = [("Conn", quote!(Member)), ("Params", quote!(Option<Login>))];
        let rows = [
            (quote!(fn a() -> Result<Self::Conn>), quote!(fn a() -> Result<Member>)),
            (quote!({ Self::Conn { a: 1 } }), quote!({ Member { a: 1 } })),
            (quote!(Self::Params::default()), quote!(<Option<Login>>::default())),
            (quote!(Self::connect(Self)), quote!(Self::connect(Self))),
        ];
        for (written, wanted) in rows {
            assert_eq!(tight(&resolve(written, &named)), tight(&wanted));
        }
        let outside = without_self(quote!(Vec<(Self, u8)>), &quote!(A));
        assert_eq!(tight(&outside), "Vec<(A,u8)>");
    }
}
