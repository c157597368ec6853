//! Writes the types beside an actor: the handle, by which its actions are called, and the one by which the actor schedules
//! them.
//!
//! They ask of types only where an action is called through them: an argument that can be read but not written, or an
//! output that can be written but not read, is no mistake.

use super::argument::Role;
use super::method::{Action, Method};
use super::{Actor, named};
use crate::function::{inside, mentions_impl};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote};
use syn::Type;

/// The handle and its counterpart for later.
pub(super) fn both(actor: &Actor) -> TokenStream {
    let (handle, later) = (handle(actor), later(actor));
    quote! { #handle #later }
}

/// A type that an application may use, its handle may use as well; and not every program calls every action.
fn allowed() -> TokenStream {
    quote!(#[allow(dead_code, unreachable_pub, private_interfaces, private_bounds, clippy::all, clippy::pedantic)])
}

fn handle(actor: &Actor) -> TokenStream {
    let (ident, allowed) = (&actor.ident, allowed());
    let name = named::beside(ident, "Handle");
    let methods = actor.actions().map(|(method, action)| called(actor, method, action));
    let doc = format!("Calls one actor [`{ident}`], which is made with the first call if there is none.");
    quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #[allow(unreachable_pub)]
        pub struct #name(::playhouse::__private::actor::Reach);

        impl ::core::convert::From<::playhouse::__private::actor::Reach> for #name {
            fn from(reach: ::playhouse::__private::actor::Reach) -> Self {
                Self(reach)
            }
        }

        #allowed
        impl #name {
            #(#methods)*

            /// Gives the actor an input, which its `create` hook gets if a call of this handle makes it.
            #[must_use]
            pub fn with_input(self, input: impl ::playhouse::__private::serde::Serialize) -> Self {
                Self(self.0.with_input(&input))
            }

            /// Ends the actor and removes all that it kept.
            ///
            /// # Errors
            /// `no_such_actor`, and those of any call.
            pub fn destroy(&self) -> ::playhouse::__private::Later<'static, ::playhouse::__private::Result<()>> {
                ::std::boxed::Box::pin(::playhouse::__private::actor::Reach::destroy(::core::clone::Clone::clone(&self.0)))
            }
        }
    }
}

fn called(actor: &Actor, method: &Method, action: &Action) -> TokenStream {
    let Given { names, types } = given(actor, method);
    let (ident, wire, answer) = (&method.ident, &action.wire, answer(actor, method));
    let doc = described(method, action, "Calls");
    let bounds = sent(&types);
    quote! {
        #[doc = #doc]
        pub fn #ident(
            &self,
            #(#names: #types),*
        ) -> ::playhouse::__private::Later<'static, ::playhouse::__private::Result<#answer>>
        where
            #bounds
            #answer: for<'read> ::playhouse::__private::FromValue<'read>,
        {
            let args = ::playhouse::__private::args([#(::playhouse::__private::value_of(&#names)),*]);
            let reach = ::core::clone::Clone::clone(&self.0);
            ::std::boxed::Box::pin(::playhouse::__private::actor::Reach::call::<#answer>(reach, #wire, args))
        }
    }
}

/// Of any actor, so that nothing is asked of this one's state here: that is done where the `impl Actor` stands.
fn later(actor: &Actor) -> TokenStream {
    let (ident, allowed) = (&actor.ident, allowed());
    let name = named::beside(ident, "Later");
    let methods = actor.actions().map(|(method, action)| scheduled(actor, method, action));
    let doc = format!("Schedules an action of [`{ident}`]: what `cx.after` and `cx.at` give.");
    quote! {
        #[doc = #doc]
        #[allow(unreachable_pub, dead_code)]
        pub struct #name<A: ::playhouse::__private::actor::Actor>(::playhouse::__private::actor::Scheduled<A>);

        impl<A: ::playhouse::__private::actor::Actor>
            ::core::convert::From<::playhouse::__private::actor::Scheduled<A>> for #name<A>
        {
            fn from(scheduled: ::playhouse::__private::actor::Scheduled<A>) -> Self {
                Self(scheduled)
            }
        }

        #allowed
        impl<A: ::playhouse::__private::actor::Actor> #name<A> {
            #(#methods)*
        }
    }
}

fn scheduled(actor: &Actor, method: &Method, action: &Action) -> TokenStream {
    let Given { names, types } = given(actor, method);
    let (ident, wire) = (&method.ident, &action.wire);
    let doc = described(method, action, "Schedules");
    let bounds = sent(&types);
    quote! {
        #[doc = #doc]
        pub fn #ident(self, #(#names: #types),*) -> ::playhouse::__private::actor::AlarmId
        where
            #bounds
        {
            let args = ::playhouse::__private::args([#(::playhouse::__private::value_of(&#names)),*]);
            ::playhouse::__private::actor::Scheduled::call(self.0, #wire, args)
        }
    }
}

/// The arguments that a caller gives.
struct Given<'m> {
    names: Vec<&'m Ident>,
    types: Vec<TokenStream>,
}

fn given<'m>(actor: &Actor, method: &'m Method) -> Given<'m> {
    let values = || method.arguments.iter().filter(|argument| matches!(argument.role, Role::Value(_)));
    Given {
        names: values().map(|argument| &argument.ident).collect(),
        types: values().map(|argument| outside(actor, &argument.ty)).collect(),
    }
}

/// A type as it is written outside of the actor's own `impl`.
fn outside(actor: &Actor, ty: &Type) -> TokenStream {
    named::without_self(ty.to_token_stream(), &actor.ty.to_token_stream())
}

/// Each type once: the compiler would look at every bound.
fn sent(types: &[TokenStream]) -> TokenStream {
    let mut own: Vec<&TokenStream> = Vec::new();
    for ty in types {
        if own.iter().all(|known| known.to_string() != ty.to_string()) {
            own.push(ty);
        }
    }
    quote!(#(#own: for<'sent> ::playhouse::__private::ToValue<'sent>,)*)
}

/// The type in which a caller reads the output. A borrowed text comes as an owned one, and what has no name as it is.
fn answer(actor: &Actor, method: &Method) -> TokenStream {
    match inside(&method.output) {
        Type::Reference(reference) if matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str")) =>
        {
            quote!(::std::string::String)
        }
        inner if mentions_impl(inner) => quote!(::playhouse::__private::value::Value),
        _ => {
            let output = outside(actor, &method.output);
            quote!(<#output as ::playhouse::__private::Outcome>::Answer)
        }
    }
}

fn described(method: &Method, action: &Action, verb: &str) -> String {
    format!("{verb} the action `{}`.\n\n{}", action.wire, method.description).trim_end().to_owned()
}
