//! `#[action]`: reads the function and writes its `impl Action`.
//!
//! A mistake is told where it stands; the function and its type are written all the same, so that nobody hears
//! of the same mistake again where the action is used.

mod arguments;
mod inputs;
mod parameter;
mod shape;
mod write;

use crate::argument;
use crate::function::{Errors, description, output};
use arguments::Arguments;
use parameter::{Parameter, Role};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Error, FnArg, ItemFn, Signature, Type};

/// All that is known of an action.
struct Action<'f> {
    ident: &'f Ident,
    arguments: Arguments,
    description: String,
    parameters: Vec<Parameter>,
    /// Its return type, for the place of complaints.
    output: &'f Type,
}

pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(_) => {
            let error =
                Error::new_spanned(item, "`#[action]` stands above an `async fn`").into_compile_error();
            return quote! { #error #item };
        }
    };
    if let Some(receiver) = function.sig.receiver() {
        let text = "an action is a function of its own, without `self`: write it outside of the `impl`, and take \
                    what it needs with `#[from] state: State<T>`";
        // Neither a type nor an `impl` can stand among methods: this stands in the body and is all that is said.
        let error = Error::new_spanned(receiver, text).into_compile_error();
        function.block.stmts.insert(0, syn::parse_quote!(#error;));
        strip(&mut function);
        return quote! { #function };
    }
    let (structure, implementation) = match read(arguments, &function) {
        Ok(action) => {
            let (definition, call) = (write::implementation(&action), inputs::implementation(&action));
            (inputs::structure(&function, Some(&action)), quote!(#definition #call))
        }
        Err(error) => (inputs::structure(&function, None), write::placeholder(&function.sig.ident, &error)),
    };
    strip(&mut function);
    let lint = (function.sig.inputs.len() > 7).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    quote! { #lint #function #structure #implementation }
}

/// Takes our attributes off the parameters: what is left is the function as it was written.
fn strip(function: &mut ItemFn) {
    for argument in &mut function.sig.inputs {
        if let FnArg::Typed(argument) = argument {
            argument.attrs.retain(|attribute| !argument::is_taken(attribute));
        }
    }
}

fn read(arguments: TokenStream, function: &ItemFn) -> syn::Result<Action<'_>> {
    let mut errors = Errors::default();
    let signature = &function.sig;
    errors.take(check_form(signature));
    let output = errors.take(output(signature, "an action"));
    let arguments = errors.take(syn::parse2::<Arguments>(arguments));
    let parameters: Vec<_> =
        signature.inputs.iter().filter_map(|input| errors.take(parameter::read(input))).collect();
    errors.take(check_names(&parameters));
    match (errors.finish(), output, arguments) {
        (Ok(()), Some(output), Some(arguments)) => {
            let description = description(&function.attrs);
            Ok(Action { ident: &signature.ident, arguments, description, parameters, output })
        }
        (Err(error), _, _) => Err(error),
        (Ok(()), _, _) => Err(Error::new_spanned(signature, "`#[action]` stands above an `async fn`")),
    }
}

fn check_form(signature: &Signature) -> syn::Result<()> {
    let mut errors = Errors::default();
    if signature.asyncness.is_none() {
        let text = format!("an action is async: write `async fn {}`", signature.ident);
        errors.take::<()>(Err(Error::new_spanned(signature.fn_token, text)));
    }
    if !signature.generics.params.is_empty() {
        let text = "an action has no generic parameters: its inputs are of fixed types, and `cx` is `&Cx`";
        errors.take::<()>(Err(Error::new_spanned(&signature.generics, text)));
    }
    errors.finish()
}

fn check_names(parameters: &[Parameter]) -> syn::Result<()> {
    let mut errors = Errors::default();
    let mut contexts = parameters.iter().filter(|parameter| matches!(parameter.role, Role::Context));
    contexts.next();
    for second in contexts {
        let text = "there is one `cx`: all other arguments are owned values, inputs or `#[from]`";
        errors.take::<()>(Err(Error::new_spanned(&second.ty, text)));
    }
    for (nth, parameter) in parameters.iter().enumerate() {
        let Role::Input(input) = &parameter.role else { continue };
        let before = parameters[..nth]
            .iter()
            .any(|other| matches!(&other.role, Role::Input(o) if o.wire == input.wire));
        if before {
            let text = format!("two inputs are called `{}`", input.wire);
            errors.take::<()>(Err(Error::new_spanned(&parameter.ident, text)));
        }
    }
    errors.finish()
}
