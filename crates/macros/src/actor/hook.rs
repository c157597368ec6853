//! Hooks: which there are, and the form of each.

use super::argument::{Argument, Role};
use super::method::Method;
use crate::function::inside;
use crate::names;
use proc_macro2::{Ident, Span};
use syn::{Error, Type};

/// A hook.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hook {
    Create,
    Start,
    Sleep,
    BeforeConnect,
    Connect,
    Disconnect,
    Destroy,
}

const ALL: &[(&str, &str, Hook)] = &[
    ("create", "Create", Hook::Create),
    ("start", "Start", Hook::Start),
    ("sleep", "Sleep", Hook::Sleep),
    ("before_connect", "BeforeConnect", Hook::BeforeConnect),
    ("connect", "Connect", Hook::Connect),
    ("disconnect", "Disconnect", Hook::Disconnect),
    ("destroy", "Destroy", Hook::Destroy),
];

impl Hook {
    /// The hook that a method is by its name.
    pub(super) fn of(ident: &Ident) -> syn::Result<Self> {
        let name = ident.to_string();
        if let Some((_, _, hook)) = ALL.iter().find(|(known, _, _)| *known == name) {
            return Ok(*hook);
        }
        let known: Vec<&str> = ALL.iter().map(|(known, _, _)| *known).collect();
        let text = format!("there is no hook `{name}`: {}", names::instead(&name, &known));
        Err(Error::new_spanned(ident, text))
    }

    /// The variant of the actor's own enum.
    pub(super) fn variant(self) -> Ident {
        let variant = ALL.iter().find(|(_, _, hook)| *hook == self).map_or("", |(_, variant, _)| variant);
        Ident::new(variant, Span::mixed_site())
    }

    /// What it may be given beside the context.
    fn given(self) -> Option<&'static str> {
        match self {
            Self::Create => Some("the input that the actor was made with"),
            Self::BeforeConnect => Some("the connection's parameters"),
            Self::Start | Self::Sleep | Self::Connect | Self::Disconnect | Self::Destroy => None,
        }
    }
}

/// Whether the hook has the form that it is called in.
pub(super) fn check(hook: Hook, method: &Method) -> syn::Result<()> {
    check_arguments(hook, method)?;
    if hook == Hook::BeforeConnect {
        if method.turn {
            let text = "`before_connect` only decides, and a connection that it refuses leaves nothing behind: \
                        write `&self`, and change the state in `connect`";
            return Err(Error::new_spanned(&method.ident, text));
        }
        return Ok(());
    }
    if !is_unit(inside(&method.output)) {
        let text = "nobody gets what this hook returns: write `-> Result<()>`";
        return Err(Error::new_spanned(&method.output, text));
    }
    Ok(())
}

fn check_arguments(hook: Hook, method: &Method) -> syn::Result<()> {
    let name = &method.ident;
    let mut values = method.arguments.iter().filter(|argument| matches!(argument.role, Role::Value(_)));
    let (extra, text) = match hook.given() {
        Some(what) => (values.nth(1), format!("`{name}` is given one value beside `cx`: {what}")),
        None => {
            let params = match hook {
                Hook::Connect | Hook::Disconnect => {
                    "; what the client said of itself is `cx.conn()?.params()?`"
                }
                Hook::Create | Hook::Start | Hook::Sleep | Hook::BeforeConnect | Hook::Destroy => "",
            };
            (values.next(), format!("`{name}` is given nothing beside `cx`{params}"))
        }
    };
    extra.map_or(Ok(()), |Argument { ident, .. }| Err(Error::new_spanned(ident, text)))
}

pub(super) fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}
