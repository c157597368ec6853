//! `#[action]`: reads the function and writes its `impl Action`.
//!
//! A mistake is told where it stands; the function and its type are written all the same, so that nobody hears
//! of the same mistake again where the action is used.

/// Tokens of our own.
macro_rules! ours {
    ($($tokens:tt)*) => { ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*) };
}

mod arguments;
mod inputs;
mod parameter;
mod shape;
mod write;

use arguments::Arguments;
use parameter::{Parameter, Role};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{
    Attribute, Error, Expr, ExprLit, FnArg, ItemFn, Lit, Meta, PathArguments, ReturnType, Signature, Type,
};

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
            argument.attrs.retain(|attribute| !parameter::is_taken(attribute));
        }
    }
}

fn read(arguments: TokenStream, function: &ItemFn) -> syn::Result<Action<'_>> {
    let mut errors = Errors::default();
    let signature = &function.sig;
    errors.take(check_form(signature));
    let output = errors.take(output(signature));
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

/// All that is wrong, told at once.
#[derive(Default)]
struct Errors(Option<Error>);

impl Errors {
    fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
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

    fn finish(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
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

fn output(signature: &Signature) -> syn::Result<&Type> {
    let wanted = |shown: &str| format!("an action returns a `Result`: write `-> Result<{shown}>`");
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
fn inside(output: &Type) -> &Type {
    let Type::Path(path) = output else { return output };
    let Some(PathArguments::AngleBracketed(arguments)) =
        path.path.segments.last().map(|last| &last.arguments)
    else {
        return output;
    };
    match arguments.args.first() {
        Some(syn::GenericArgument::Type(inner)) => inner,
        Some(_) | None => output,
    }
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

/// The doc comment as one text.
fn description(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) => Some(line.value().trim().to_owned()),
            _ => None,
        },
        Meta::NameValue(_) | Meta::Path(_) | Meta::List(_) => None,
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
