//! The rule on promises: what the documentation of a contract in `core` lists as a guarantee
//! (a line ``- `name`: ..``) is a function of that name in `core::contract`, which every engine runs.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprLit, ItemTrait, Lit, Meta};

use super::Complaint;
use super::tree::Tree;

const CONTRACTS: &str = "crates/core/src/";
const SUITES: &str = "crates/core/src/contract";

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let suites: Vec<&str> = tree
        .rust()
        .filter(|(file, _)| file.path.starts_with(SUITES))
        .map(|(_, source)| source.code())
        .collect();
    let mut complaints = Vec::new();
    for (file, source) in tree.rust().filter(|(file, _)| file.path.starts_with(CONTRACTS)) {
        let mut promises = Promises::default();
        promises.visit_file(&source.syntax);
        for (line, contract, name) in promises.found {
            if suites.iter().any(|code| has_function(code, &name)) {
                continue;
            }
            complaints.push(Complaint {
                path: file.path.clone(),
                line,
                what: format!("`{contract}` guarantees `{name}`, and no test has that name"),
                instead: format!("show it by `fn {name}` in {SUITES}/, or promise less"),
            });
        }
    }
    complaints
}

/// Whether the code has `fn name`, written out or inside a macro.
fn has_function(code: &str, name: &str) -> bool {
    let call = format!("fn {name}");
    code.match_indices(&call).any(|(offset, _)| {
        let after = code[offset + call.len()..].chars().next();
        !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// The guarantees of a file's traits: line, contract, name.
#[derive(Default)]
struct Promises {
    found: Vec<(usize, String, String)>,
}

impl<'ast> Visit<'ast> for Promises {
    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        let lines = item.attrs.iter().filter_map(doc_line);
        let promises =
            lines.skip_while(|(_, text)| !text.contains("Guarantee")).filter_map(|(line, text)| {
                let (name, _) = text.trim().strip_prefix("- `")?.split_once("`:")?;
                Some((line, item.ident.to_string(), name.to_owned()))
            });
        self.found.extend(promises);
        visit::visit_item_trait(self, item);
    }
}

/// A line of documentation, and where it stands.
fn doc_line(attribute: &Attribute) -> Option<(usize, String)> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if pair.path.is_ident("doc") => {
            Some((attribute.span().start().line, text.value()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = "\
//! A contract.

/// Carries things.
/// - `not_this`: it stands before the list.
///
/// Guarantees, each with a test:
/// - `order_is_kept`: as sent.
/// - `gap_is_told`: never silence.
pub trait Broker {}
";

    fn complaints(suite: &str) -> Vec<String> {
        let files = [("crates/core/src/broker.rs", CONTRACT), ("crates/core/src/contract/broker.rs", suite)];
        check(&Tree::of(&files)).iter().map(Complaint::to_string).collect()
    }

    #[test]
    fn a_guarantee_without_test_is_complained_of() {
        let complaint = "crates/core/src/broker.rs:8: `Broker` guarantees `gap_is_told`, and no test has that name; \
            instead: show it by `fn gap_is_told` in crates/core/src/contract/, or promise less";
        assert_eq!(
            complaints("pub async fn order_is_kept() {} fn gap_is_told_twice() {} // fn gap_is_told"),
            [complaint]
        );
    }

    #[test]
    fn a_test_may_stand_in_a_macro() {
        assert_eq!(complaints("fn order_is_kept() {} suite! { async fn gap_is_told(b: B) {} }"), [""; 0]);
    }
}
