//! Writes the `impl Actor`: what is known of the actor before it runs, and how each of its functions is run.

use super::argument::{Argument, Reading, Role};
use super::hook::Hook;
use super::method::{Action, Kind, Method};
use super::{Actor, named};
use crate::argument::optional;
use crate::function::{at, inside};
use crate::{names, shape};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{LitStr, Type};

pub(super) fn implementation(actor: &Actor) -> TokenStream {
    let ty = &actor.ty;
    // At the types' places, where it is told that one is more private than the actor.
    let params = actor.params().map_or_else(
        || {
            ours!(
                type Params = __playhouse::value::Value;
            )
        },
        |ty| quote_spanned!(at(ty.span())=> type Params = #ty;),
    );
    let conn = actor.conn.as_ref().map_or_else(
        || {
            ours!(
                type Conn = ();
            )
        },
        |ty| quote_spanned!(at(ty.span())=> type Conn = #ty;),
    );
    let (definition, run, first_conn) = (definition(actor), run(actor), first_conn(actor));
    let (handle, later) = (named::beside(&actor.ident, "Handle"), named::beside(&actor.ident, "Later"));
    let (bounds, checks) = bounds(actor);
    let tells = actor.arguments.events.iter().enumerate().map(|(nth, event)| {
        let nth = u8::try_from(nth).unwrap_or(u8::MAX);
        ours! {
            impl __playhouse::actor::Tells<#event> for #ty
            where
                #event: for<'any> __playhouse::IsEvent<'any>,
            {
                const NTH: u8 = #nth;
            }
        }
    });
    ours! {
        const _: () = {
            use ::playhouse::__private as __playhouse;
            #checks
            impl __playhouse::actor::Actor for #ty
            where
                #bounds
            {
                #params
                #conn
                fn definition() -> &'static __playhouse::actor::Definition {
                    #definition
                }
                fn run(
                    run: __playhouse::actor::Run<Self>,
                ) -> __playhouse::Later<'static, __playhouse::actor::Ran<Self>> {
                    #run
                }
                fn first_conn() -> ::core::option::Option<Self::Conn> {
                    #first_conn
                }
            }
            impl __playhouse::actor::Handled for #ty
            where
                #bounds
            {
                type Handle = #handle;
                type Later = #later<Self>;
            }
            #(#tells)*
        };
    }
}

/// What is asked of the types: as bounds of an `impl`, and once more at their places, in sentences of ours.
fn bounds(actor: &Actor) -> (TokenStream, TokenStream) {
    let asked = [
        (Some(&actor.ty), "ActorState", "is_state"),
        (actor.params(), "ConnParams", "is_params"),
        (actor.conn.as_ref(), "ConnState", "is_conn"),
    ];
    let (mut bounds, mut checks) = (TokenStream::new(), TokenStream::new());
    for (ty, bound, check) in asked.into_iter().filter_map(|(ty, bound, check)| Some((ty?, bound, check))) {
        let (bound, check) = (Ident::new(bound, Span::mixed_site()), Ident::new(check, Span::mixed_site()));
        bounds.extend(ours!(#ty: for<'any> __playhouse::#bound<'any>,));
        checks.extend(quote_spanned!(at(ty.span())=> __playhouse::#check::<#ty>();));
    }
    (bounds, ours!(const _: () = { #checks };))
}

fn definition(actor: &Actor) -> TokenStream {
    let Actor { arguments, description, .. } = actor;
    let name = arguments.name.as_ref().map_or_else(|| names::camel_case_of_type(&actor.ident), LitStr::value);
    let actions = actor.actions().map(|(method, action)| action_definition(actor, method, action));
    let hooks = actor.hooks().map(|(method, hook)| {
        let (hook, turn) = (hook.variant(), method.turn);
        ours!(__playhouse::actor::HookDefinition { hook: __playhouse::actor::Hook::#hook, turn: #turn })
    });
    let events = arguments
        .events
        .iter()
        .map(|event| quote_spanned!(at(event.span())=> <#event as __playhouse::actor::Event>::NAME));
    let told = arguments
        .events
        .iter()
        .map(|event| quote_spanned!(at(event.span())=> <#event as __playhouse::actor::Event>::SHAPES));
    let params = option(actor.params().map(shape::of));
    let http = option(actor.http().map(|method| {
        if method.turn {
            ours!(__playhouse::actor::Access::Turn)
        } else {
            ours!(__playhouse::actor::Access::Read)
        }
    }));
    let websocket = actor.websocket().is_some();
    let form = arguments.version.unwrap_or(1);
    let upgrade = option(arguments.upgrade.as_ref().map(|upgrade| ours!(#upgrade)));
    let alike = format!("two events of `{}` have the same name on the wire", actor.ident);
    let place = arguments.events.first().map_or_else(Span::mixed_site, |event| at(event.span()));
    let distinct =
        quote_spanned!(place=> const _: () = ::core::assert!(__playhouse::are_distinct(EVENTS), #alike););
    ours! {
        const EVENTS: &[&str] = &[#(#events),*];
        #distinct
        static DEFINITION: __playhouse::actor::Definition = __playhouse::actor::Definition {
            name: #name,
            description: #description,
            actions: &[#(#actions),*],
            params: #params,
            events: EVENTS,
            told: &[#(#told),*],
            hooks: &[#(#hooks),*],
            http: #http,
            websocket: #websocket,
            form: #form,
            upgrade: #upgrade,
        };
        &DEFINITION
    }
}

fn action_definition(actor: &Actor, method: &Method, action: &Action) -> TokenStream {
    let Method { description, turn, .. } = method;
    let Action { wire, internal, timeout } = action;
    let arguments = values(method).map(|(argument, reading)| {
        let (name, required) = (&reading.name, reading.default.is_none());
        let given = optional(&argument.ty);
        let shape = shape_of(actor, given.as_ref().unwrap_or(&argument.ty));
        ours!(__playhouse::actor::ArgumentDefinition { name: #name, required: #required, shape: #shape })
    });
    let output = shape_of(actor, inside(&method.output));
    let timeout = option(timeout.map(|timeout| {
        let millis = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        ours!(::core::time::Duration::from_millis(#millis))
    }));
    ours! {
        __playhouse::actor::ActionDefinition {
            name: #wire,
            description: #description,
            arguments: &[#(#arguments),*],
            output: #output,
            turn: #turn,
            internal: #internal,
            timeout: #timeout,
        }
    }
}

/// What is known of a type of the `impl`, outside of it.
fn shape_of(actor: &Actor, ty: &Type) -> TokenStream {
    shape::of(&named::without_self(ty.to_token_stream(), &actor.ty.to_token_stream()))
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => ours!(::core::option::Option::Some(#value)),
        None => ours!(::core::option::Option::None),
    }
}

/// One arm for each function, which is boxed by itself: a call is no larger than the function that it is of.
fn run(actor: &Actor) -> TokenStream {
    if !actor.whole {
        return ours!(::core::unreachable!("{:?}", run.function));
    }
    let actions = actor.actions().enumerate().map(|(nth, (method, _))| {
        let begun = begun(method);
        ours!(__playhouse::actor::Function::Action(#nth) => #begun,)
    });
    let hooks = actor.hooks().map(|(method, hook)| {
        let (hook, begun) = (hook.variant(), begun(method));
        ours!(__playhouse::actor::Function::Hook(__playhouse::actor::Hook::#hook) => #begun,)
    });
    let raw = actor.http().into_iter().chain(actor.websocket()).map(raw);
    ours! {
        #[allow(unused_mut, unused_variables)]
        let __playhouse::actor::Run { function, mut me, cx, args } = run;
        match function {
            #(#actions)*
            #(#hooks)*
            #(#raw)*
            other => ::core::unreachable!("{other:?}: only functions of the definition are asked for"),
        }
    }
}

/// The arm of a function that speaks for itself: what it speaks with is its one value.
fn raw(method: &Method) -> TokenStream {
    let is_http = matches!(method.kind, Kind::Http);
    let function = if is_http { ours!(Http) } else { ours!(Websocket) };
    let taken = if is_http { ours!(__playhouse::request(&cx)) } else { ours!(__playhouse::socket(&cx)) };
    let names = values(method).map(|(argument, _)| {
        let (name, ty) = (own(&argument.ident), &argument.ty);
        quote_spanned!(at(ty.span())=> let #name: #ty = #taken;)
    });
    let (names, call, ended, place) =
        (ours!(#(#names)*), call(method), ended(method), at(method.ident.span()));
    let body = ours! {
        #names
        let outcome = #call.await;
        let ended = #ended;
        (me, ended)
    };
    let begun = quote_spanned!(place=> __playhouse::what_an_actor_holds_over_await_must_be_send(async move { #body }));
    ours!(__playhouse::actor::Function::#function => #begun,)
}

fn begun(method: &Method) -> TokenStream {
    let (read, call) = (read(method), call(method));
    let place = at(method.ident.span());
    let ended = ended(method);
    let body = ours! {
        #read
        let outcome = #call.await;
        let ended = #ended;
        (me, ended)
    };
    // At the method's name, as this is where a future that is not `Send` is reported.
    quote_spanned!(place=> __playhouse::what_an_actor_holds_over_await_must_be_send(async move { #body }))
}

fn values(method: &Method) -> impl Iterator<Item = (&Argument, &Reading)> {
    method.arguments.iter().filter_map(|argument| match &argument.role {
        Role::Value(reading) => Some((argument, reading)),
        Role::Context => None,
    })
}

/// `let (by, text) = ..;`, or the end of the call with what is wrong.
fn read(method: &Method) -> TokenStream {
    let names: Vec<_> = values(method).map(|(argument, _)| own(&argument.ident)).collect();
    let is_action = matches!(method.kind, Kind::Action(_));
    if names.is_empty() && !is_action {
        return TokenStream::new();
    }
    let reads = values(method).map(|(argument, reading)| {
        let (name, shown) = (own(&argument.ident), &reading.name);
        let ty = match method.kind {
            Kind::Hook(Hook::BeforeConnect) => ours!(Self::Params),
            Kind::Hook(_) | Kind::Action(_) | Kind::Http | Kind::Websocket => argument.ty.to_token_stream(),
        };
        let place = at(argument.ty.span());
        let read = match &reading.default {
            Some(default) => quote_spanned! {place=>
                __playhouse::argument_or::<#ty>(&mut args, #shown, || -> #ty { #default })
            },
            None => quote_spanned!(place=> __playhouse::argument::<#ty>(&mut args, #shown)),
        };
        ours!(let #name = #read?;)
    });
    // What a hook is not interested in is no mistake of a caller.
    let finish = is_action.then(|| ours!(args.finish()?;));
    ours! {
        let read = move || -> ::core::result::Result<_, __playhouse::Reject> {
            let mut args = args;
            #(#reads)*
            #finish
            ::core::result::Result::Ok((#(#names,)*))
        };
        let (#(#names,)*) = match read() {
            ::core::result::Result::Ok(read) => read,
            ::core::result::Result::Err(reject) => {
                return (me, ::core::result::Result::Err(__playhouse::actor::Failed::Args(reject)));
            }
        };
    }
}

/// Our variable for an argument: out of the way of every name that a default may use.
fn own(ident: &Ident) -> Ident {
    format_ident!("{}_value", ident, span = Span::mixed_site())
}

fn call(method: &Method) -> TokenStream {
    let ident = &method.ident;
    let me = if method.turn { ours!(__playhouse::changing(&mut me)) } else { ours!(&me) };
    let given = method.arguments.iter().map(|argument| match argument.role {
        Role::Context => quote_spanned!(at(argument.ty.span())=> &cx),
        Role::Value(_) => {
            // At the type's place, where it is told that it is not `Params`.
            let value = Ident::new(&own(&argument.ident).to_string(), at(argument.ty.span()));
            quote_spanned!(at(argument.ty.span())=> #value)
        }
    });
    ours!(Self::#ident(#me, #(#given),*))
}

/// What becomes of the outcome, at the place of its type.
fn ended(method: &Method) -> TokenStream {
    let place = at(inside(&method.output).span());
    match method.kind {
        Kind::Action(_) => quote_spanned!(place=> __playhouse::answered(outcome)),
        Kind::Hook(Hook::BeforeConnect) => quote_spanned!(place=> __playhouse::made(&cx, outcome)),
        Kind::Hook(_) | Kind::Websocket => quote_spanned!(place=> __playhouse::done(outcome)),
        Kind::Http => quote_spanned!(place=> __playhouse::responded(&cx, outcome)),
    }
}

/// The state of a connection that no hook makes.
fn first_conn(actor: &Actor) -> TokenStream {
    if actor.hook(Hook::BeforeConnect).is_some() || !actor.whole {
        return ours!(::core::option::Option::None);
    }
    let place = actor.conn.as_ref().map_or_else(Span::mixed_site, |conn| at(conn.span()));
    quote_spanned!(place=> ::core::option::Option::Some(__playhouse::first_conn::<Self::Conn>()))
}
