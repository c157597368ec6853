//! Writes the `impl Action` that a person could have written. The facade's documentation of `#[action]` shows
//! one by hand: keep the two alike.
//!
//! Names of our own are of `mixed_site` hygiene: no name of the application can be in their way. Tokens that a
//! mistake would be reported at carry the place of what the application wrote.

use super::parameter::{Input, Parameter, Role};
use super::{Action, shape};
use crate::action::arguments::Blocked;
use crate::function::{at, inside};
use crate::names;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Error, Expr, Type};

/// What stands in the place of an action that could not be read: the compiler tells only what was wrong.
pub(super) fn placeholder(ident: &Ident, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    quote! {
        #error
        const _: () = {
            use ::playhouse::__private as __playhouse;
            impl __playhouse::Action for #ident {
                fn definition() -> __playhouse::Definition {
                    ::core::unreachable!()
                }
                fn call(_: __playhouse::Cx) -> __playhouse::Later<'static, __playhouse::Result<__playhouse::Reply>> {
                    ::core::unreachable!()
                }
            }
        };
    }
}

pub(super) fn implementation(action: &Action<'_>) -> TokenStream {
    let ident = action.ident;
    let definition = definition(action);
    let call = call(action);
    ours! {
        const _: () = {
            use ::playhouse::__private as __playhouse;
            impl __playhouse::Action for #ident {
                fn definition() -> __playhouse::Definition {
                    #definition
                }
                fn call(cx: __playhouse::Cx) -> __playhouse::Later<'static, __playhouse::Result<__playhouse::Reply>> {
                    #call
                }
            }
        };
    }
}

fn definition(action: &Action<'_>) -> TokenStream {
    let arguments = &action.arguments;
    let name = arguments.name.as_ref().map_or_else(|| names::camel_case(action.ident), syn::LitStr::value);
    let version = arguments.version.unwrap_or(1.0);
    let description = &action.description;
    let inputs = inputs(action).map(|(parameter, input)| shape::input(parameter, input));
    let (output, errors) = (shape::output(inside(action.output)), &arguments.errors);
    let middleware = &arguments.middleware;
    let timeout = match arguments.timeout {
        Some(timeout) => {
            let millis = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
            ours!(::core::option::Option::Some(::core::time::Duration::from_millis(#millis)))
        }
        None => ours!(::core::option::Option::None),
    };
    let blocked = arguments.blocked.iter().map(|kind| match kind {
        Blocked::Web => ours!(__playhouse::Kind::Web),
        Blocked::Websocket => ours!(__playhouse::Kind::Websocket),
    });
    ours! {
        const INPUTS: &[__playhouse::InputDefinition] = &[#(#inputs),*];
        __playhouse::Definition {
            name: #name,
            version: #version,
            description: #description,
            inputs: INPUTS,
            middleware: &[#(#middleware),*],
            timeout: #timeout,
            blocked: &[#(#blocked),*],
            output: #output,
            errors: &[#(#errors),*],
        }
    }
}

fn inputs<'a>(action: &'a Action<'_>) -> impl Iterator<Item = (&'a Parameter, &'a Input)> {
    action.parameters.iter().filter_map(|parameter| match &parameter.role {
        Role::Input(input) => Some((parameter, &**input)),
        Role::Context | Role::From => None,
    })
}

/// Inputs first, then what is taken from the call, then the function: a caller who forgot an input is told so
/// before anything is looked up for it.
fn call(action: &Action<'_>) -> TokenStream {
    let ident = action.ident;
    let read = read_inputs(action);
    let taken =
        action.parameters.iter().filter(|parameter| matches!(parameter.role, Role::From)).map(|parameter| {
            let (value, ty, cx) = (own(&parameter.ident), &parameter.ty, ours!(cx));
            // All at the type's place, so that a type that can't be taken is told there, and once.
            quote_spanned!(ty.span()=> let #value = __playhouse::take::<#ty>(&#cx).await?;)
        });
    let values = action.parameters.iter().map(|parameter| match parameter.role {
        Role::Context => quote_spanned!(at(parameter.ty.span())=> &cx),
        Role::From | Role::Input(_) => {
            let value = own(&parameter.ident);
            ours!(#value)
        }
    });
    let reply = quote_spanned!(at(inside(action.output).span())=> __playhouse::Output::into_reply(output));
    let body = ours! {
        #read
        #(#taken)*
        let output = #ident(#(#values),*).await?;
        #reply
    };
    // At the function's name, as this is where a future that is not `Send` is reported.
    let place = at(ident.span());
    quote_spanned!(place=> __playhouse::what_an_action_holds_over_await_must_be_send(async move { #body }))
}

/// `let (room, text) = { .. };` with everything that is wrong told by `finish`.
fn read_inputs(action: &Action<'_>) -> TokenStream {
    if inputs(action).next().is_none() {
        return TokenStream::new();
    }
    let values: Vec<_> = inputs(action).map(|(parameter, _)| own(&parameter.ident)).collect();
    let reads = inputs(action).map(|(parameter, input)| {
        let value = own(&parameter.ident);
        let field = field(&parameter.ty, input);
        let read = if input.optional.is_some() { ours!(optional) } else { ours!(required) };
        ours!(let #value = inputs.#read(&#field);)
    });
    let found = inputs(action).map(|(parameter, input)| {
        let value = own(&parameter.ident);
        if input.optional.is_some() { ours!(#value) } else { ours!(__playhouse::found(#value)) }
    });
    ours! {
        let (#(#values,)*) = {
            let mut inputs = __playhouse::Reader::new(&cx);
            #(#reads)*
            inputs.finish().map_err(__playhouse::Error::Reject)?;
            (#(#found,)*)
        };
    }
}

/// Our variable for an argument: out of the way of every name that a default or a check may use.
fn own(ident: &Ident) -> Ident {
    format_ident!("{}_value", ident, span = Span::mixed_site())
}

fn field(ty: &Type, input: &Input) -> TokenStream {
    let ty = input.optional.as_ref().unwrap_or(ty);
    let name = &input.wire;
    let default = match &input.default {
        Some(value) => ours!(::core::option::Option::Some(&|| -> #ty { #value })),
        None => ours!(::core::option::Option::None),
    };
    let parse = match &input.parse {
        Some(own) => {
            let call = quote_spanned!(at(own.span())=> __playhouse::own_parse((#own)(raw)));
            ours!(&|raw: __playhouse::Input<'_>| #call)
        }
        None => quote_spanned!(at(ty.span())=> &__playhouse::parse::<#ty>),
    };
    let check = match input.checks.as_slice() {
        [] => ours!(::core::option::Option::None),
        checks => {
            let checks = checks.iter().map(|check| check_call(check, name));
            ours!(::core::option::Option::Some(&|value: &#ty| {
                #(#checks?;)*
                ::core::result::Result::Ok(())
            }))
        }
    };
    ours!(__playhouse::Field::<'_, #ty> { name: #name, default: #default, parse: #parse, check: #check })
}

/// `length(1..=500)` and `range(1..=10)` are ours; anything else is a function of the application.
fn check_call(check: &Expr, name: &str) -> TokenStream {
    if let Expr::Call(call) = check
        && let (Expr::Path(path), 1) = (&*call.func, call.args.len())
        && let Some(ours) = path.path.get_ident().filter(|ident| *ident == "length" || *ident == "range")
    {
        let within = &call.args[0];
        return quote_spanned!(at(check.span())=> __playhouse::check::#ours(#name, value, &(#within)));
    }
    quote_spanned!(at(check.span())=> __playhouse::check::Verdict::verdict((#check)(value)))
}
