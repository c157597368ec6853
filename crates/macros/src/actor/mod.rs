//! `#[actor]`: reads an `impl` with async methods and writes what makes an actor of its type: the `impl Actor`, and the
//! types by which its actions are called and scheduled.
//!
//! The methods stay as they are and can be called. A mistake is told where it stands; what could be read is written all
//! the same, so that nobody hears of the same mistake again where the actor is used.

mod argument;
mod arguments;
mod handles;
mod hook;
mod method;
mod named;
mod write;

use crate::argument::is_taken;
use crate::function::{Errors, description, inside};
use crate::names;
use arguments::Arguments;
use hook::Hook;
use method::{Kind, Method};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{Error, FnArg, ImplItem, ImplItemFn, ItemImpl, PathArguments, Type};

/// All that is known of an actor.
struct Actor {
    /// Its type as it is written, and the last part of that.
    ty: Type,
    ident: Ident,
    arguments: Arguments,
    description: String,
    params: Option<Type>,
    conn: Option<Type>,
    methods: Vec<Method>,
    /// Whether all of it could be read.
    whole: bool,
}

impl Actor {
    fn hook(&self, wanted: Hook) -> Option<&Method> {
        self.methods.iter().find(|method| matches!(method.kind, Kind::Hook(hook) if hook == wanted))
    }

    /// The type of the parameters, as it is named or as the hook takes it.
    fn params(&self) -> Option<&Type> {
        let given = || {
            let hook = self.hook(Hook::BeforeConnect)?;
            hook.arguments.iter().find(|argument| matches!(argument.role, argument::Role::Value(_)))
        };
        self.params.as_ref().or_else(|| given().map(|argument| &argument.ty))
    }

    fn actions(&self) -> impl Iterator<Item = (&Method, &method::Action)> {
        self.methods.iter().filter_map(|method| match &method.kind {
            Kind::Action(action) => Some((method, action)),
            Kind::Hook(_) | Kind::Http | Kind::Websocket => None,
        })
    }

    fn hooks(&self) -> impl Iterator<Item = (&Method, Hook)> {
        self.methods.iter().filter_map(|method| match method.kind {
            Kind::Hook(hook) => Some((method, hook)),
            Kind::Action(_) | Kind::Http | Kind::Websocket => None,
        })
    }

    /// The function that answers HTTP requests.
    fn http(&self) -> Option<&Method> {
        self.methods.iter().find(|method| matches!(method.kind, Kind::Http))
    }

    /// The function that speaks on websockets.
    fn websocket(&self) -> Option<&Method> {
        self.methods.iter().find(|method| matches!(method.kind, Kind::Websocket))
    }
}

pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    match prepared(item) {
        Ok(Prepared { mut block, ident, named, mut errors }) => {
            let mut actor = read(arguments, &block, ident, &named, &mut errors);
            let error = errors.finish().err().map(Error::into_compile_error);
            actor.whole = error.is_none();
            strip(&mut block);
            let (implementation, handles) = (write::implementation(&actor), handles::both(&actor));
            quote! { #error #block #implementation #handles }
        }
        Err(error) => {
            let error = error.into_compile_error();
            quote! { #error #item }
        }
    }
}

/// The types that the `impl` names.
type Named = Vec<(&'static str, Type)>;

/// The `impl` with its named types in their places, its type's name, these types, and what is wrong with them.
struct Prepared {
    block: ItemImpl,
    ident: Ident,
    named: Named,
    errors: Errors,
}

fn prepared(item: &TokenStream) -> syn::Result<Prepared> {
    let wrong = "`#[actor]` stands above an `impl` of the actor's struct: `#[actor] impl Counter { .. }`";
    let block: ItemImpl = syn::parse2(item.clone()).map_err(|_| Error::new_spanned(item, wrong))?;
    if let Some((_, path, _)) = &block.trait_ {
        return Err(Error::new_spanned(path, wrong));
    }
    if !block.generics.params.is_empty() {
        let text = "an actor is of one type, without generic parameters: what is stored has to be read again";
        return Err(Error::new_spanned(&block.generics, text));
    }
    let ident = name_of(&block.self_ty).ok_or_else(|| Error::new_spanned(&block.self_ty, wrong))?;
    let mut errors = Errors::default();
    let named = named_types(&block, &mut errors);
    let tokens: Vec<_> = named.iter().map(|(name, ty)| (*name, ty.to_token_stream())).collect();
    let mut block: ItemImpl = syn::parse2(named::resolve(item.clone(), &tokens))?;
    block.items.retain(|item| !matches!(item, ImplItem::Type(_)));
    Ok(Prepared { block, ident, named, errors })
}

fn name_of(ty: &Type) -> Option<Ident> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|_| path.qself.is_none())?;
    matches!(last.arguments, PathArguments::None).then(|| last.ident.clone())
}

fn named_types(block: &ItemImpl, errors: &mut Errors) -> Named {
    let known = |name: &Ident| match name.to_string().as_str() {
        "Params" => Ok("Params"),
        "Conn" => Ok("Conn"),
        other => {
            let near = names::instead(other, &["Params", "Conn"]);
            Err(Error::new_spanned(name, format!("an actor names no type `{other}`: {near}")))
        }
    };
    let types = block.items.iter().filter_map(|item| match item {
        ImplItem::Type(item) => Some(item),
        _ => None,
    });
    types.filter_map(|item| Some((errors.take(known(&item.ident))?, item.ty.clone()))).collect()
}

/// Takes our attributes off the methods and their arguments: what is left is the `impl` as it was written.
fn strip(block: &mut ItemImpl) {
    for function in methods_mut(block) {
        function.attrs.retain(|attribute| !method::is_taken(attribute));
        for argument in &mut function.sig.inputs {
            if let FnArg::Typed(argument) = argument {
                argument.attrs.retain(|attribute| !is_taken(attribute));
            }
        }
        if function.sig.inputs.len() > 7 {
            function.attrs.push(syn::parse_quote!(#[allow(clippy::too_many_arguments)]));
        }
    }
}

fn methods_mut(block: &mut ItemImpl) -> impl Iterator<Item = &mut ImplItemFn> {
    block.items.iter_mut().filter_map(|item| match item {
        ImplItem::Fn(function) => Some(function),
        _ => None,
    })
}

fn read(
    arguments: TokenStream,
    block: &ItemImpl,
    ident: Ident,
    named: &[(&str, Type)],
    errors: &mut Errors,
) -> Actor {
    let arguments = arguments::read(arguments, errors);
    let functions = block.items.iter().filter_map(|item| match item {
        ImplItem::Fn(function) => Some(function),
        _ => None,
    });
    let methods = functions.filter_map(|function| errors.take(method::read(function))).collect();
    let of = |wanted: &str| named.iter().find(|(name, _)| *name == wanted).map(|(_, ty)| ty.clone());
    let actor = Actor {
        ty: (*block.self_ty).clone(),
        ident,
        arguments,
        description: description(&block.attrs),
        params: of("Params"),
        conn: of("Conn"),
        methods,
        whole: true,
    };
    errors.take(check_names(&actor));
    errors.take(check_one_of_each(&actor));
    if errors.is_empty() {
        errors.take(check_connections(&actor));
    }
    actor
}

fn check_names(actor: &Actor) -> syn::Result<()> {
    let mut known: Vec<&str> = Vec::new();
    for (method, action) in actor.actions() {
        if known.contains(&action.wire.as_str()) {
            let text = format!("two actions are called `{}`", action.wire);
            return Err(Error::new_spanned(&method.ident, text));
        }
        known.push(&action.wire);
    }
    Ok(())
}

/// An actor answers HTTP, or speaks on websockets, in one function.
fn check_one_of_each(actor: &Actor) -> syn::Result<()> {
    for (wanted, name) in [(actor.http(), "http"), (actor.websocket(), "websocket")] {
        let Some(first) = wanted else { continue };
        let alike =
            |method: &&Method| std::mem::discriminant(&method.kind) == std::mem::discriminant(&first.kind);
        if let Some(second) = actor.methods.iter().filter(alike).nth(1) {
            let text = format!("there is one `#[{name}]` function: look at the path inside of it");
            return Err(Error::new_spanned(&second.ident, text));
        }
    }
    Ok(())
}

/// What `before_connect` takes and gives is named, so that `cx.conn()` knows it.
fn check_connections(actor: &Actor) -> syn::Result<()> {
    let Some(hook) = actor.hook(Hook::BeforeConnect) else { return Ok(()) };
    let given = hook.arguments.iter().find(|argument| matches!(argument.role, argument::Role::Value(_)));
    if let (Some(given), None) = (given, &actor.params)
        && name_of(&given.ty).is_none_or(|name| name != "Value")
    {
        let shown = given.ty.to_token_stream().to_string().replace(' ', "");
        let text =
            format!("these are the connection's parameters: write `type Params = {shown};` in this `impl`");
        return Err(Error::new_spanned(&given.ty, text));
    }
    let made = inside(&hook.output);
    if actor.conn.is_none() && !hook::is_unit(made) {
        let shown = made.to_token_stream().to_string().replace(' ', "");
        let text = format!("this is the connection's state: write `type Conn = {shown};` in this `impl`");
        return Err(Error::new_spanned(made, text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(item: &TokenStream) -> String {
        expand(TokenStream::new(), item).to_string()
    }

    #[test]
    fn the_methods_stay_as_they_are() {
        let text = written(&quote! {
            impl Counter {
                type Conn = Member;
                const LONGEST: usize = 5;
                #[hook]
                async fn before_connect(&self) -> Result<Self::Conn> { Ok(Self::Conn::new()) }
                #[internal]
                async fn add(&mut self, #[default(1)] by: i64) -> Result<i64> { Ok(by) }
            }
        });
        let stays = quote! {
            impl Counter {
                const LONGEST: usize = 5;
                async fn before_connect(&self) -> Result<Member> { Ok(<Member>::new()) }
                async fn add(&mut self, by: i64) -> Result<i64> { Ok(by) }
            }
        };
        assert!(text.starts_with(&stays.to_string()), "{text}");
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (item, said) in [
            (quote! { struct A; }, "stands above an `impl`"),
            (quote! { impl Clone for A {} }, "stands above an `impl`"),
            (quote! { impl<T> A<T> {} }, "without generic parameters"),
            (quote! { impl A { type Con = u8; } }, "did you mean `Conn`?"),
            (
                quote! { impl A {
                    async fn a(&self) -> Result<()> {}
                    #[name("a")]
                    async fn b(&self) -> Result<()> {}
                } },
                "two actions are called `a`",
            ),
            (
                quote! { impl A { #[hook] async fn before_connect(&self, login: Login) -> Result<()> {} } },
                "write `type Params = Login;`",
            ),
            (
                quote! { impl A { #[hook] async fn before_connect(&self) -> Result<Member> {} } },
                "write `type Conn = Member;`",
            ),
        ] {
            let text = written(&item);
            assert!(text.contains(said), "{text}");
        }
    }
}
