//! The rule on names: words that fit everything say nothing, so no item, file or module of ours has
//! one in its name. What others named (`mpsc::channel`) is merely used, and free.

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{
    ImplItem, ItemConst, ItemEnum, ItemFn, ItemImpl, ItemMacro, ItemMod, ItemStatic, ItemStruct, ItemTrait,
    ItemType, ItemUnion, TraitItem,
};

use super::Complaint;
use super::tree::Tree;

/// The words, as they stand in a name, and what to call the thing.
const WORDS: &[(&[&str], &str)] = &[
    (&["channel", "channels"], "room, topic, link, connection or queue, whichever it is"),
    (&["manager", "managers"], "what it keeps or decides (hub, outbox, placement, ..)"),
    (&["handler", "handlers"], "what it does: a verb for a function, the thing it turns out for a type"),
    (&["helper", "helpers"], "what it helps with, beside the one who needs it"),
    (&["util", "utils", "utility", "utilities"], "what is in it; split it if that needs an `and`"),
    (&["common"], "the idea that its users share"),
    (&["misc"], "one name for each thing in it"),
];

pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in &tree.files {
        for part in file.path.split('/') {
            complaints.extend(complaint(&file.path, 1, "the path has", part));
        }
    }
    for (file, source) in tree.rust() {
        let mut names = Names::default();
        names.visit_file(&source.syntax);
        for name in names.found {
            let line = name.span().start().line;
            complaints.extend(complaint(&file.path, line, "the item is called", &name.to_string()));
        }
    }
    complaints
}

fn complaint(path: &str, line: usize, where_: &str, name: &str) -> Option<Complaint> {
    let words = words(name);
    let (banned, better) =
        WORDS.iter().find(|(banned, _)| words.iter().any(|word| banned.contains(&word.as_str())))?;
    Some(Complaint {
        path: path.to_owned(),
        line,
        what: format!("{where_} `{name}`, and `{}` says nothing", banned[0]),
        instead: format!("name it by {better}"),
    })
}

/// The words of a name in snake_case, CamelCase or kebab-case, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.extend(c.to_lowercase()));
        }
        after_lower = c.is_lowercase() || c.is_numeric();
    }
    words
}

/// The names that a file gives to its items.
#[derive(Default)]
struct Names {
    found: Vec<Ident>,
}

impl Names {
    fn add(&mut self, name: &Ident) {
        self.found.push(name.clone());
    }
}

/// Visits one kind of item that has its name in `ident`.
macro_rules! named_items {
    ($($visit:ident: $item:ty),* $(,)?) => {
        $(fn $visit(&mut self, item: &'ast $item) {
            self.add(&item.ident);
            visit::$visit(self, item);
        })*
    };
}

impl<'ast> Visit<'ast> for Names {
    named_items! {
        visit_item_const: ItemConst,
        visit_item_enum: ItemEnum,
        visit_item_mod: ItemMod,
        visit_item_static: ItemStatic,
        visit_item_struct: ItemStruct,
        visit_item_trait: ItemTrait,
        visit_item_type: ItemType,
        visit_item_union: ItemUnion,
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.add(&item.sig.ident);
        visit::visit_item_fn(self, item);
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        item.ident.iter().for_each(|name| self.add(name));
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        for member in &item.items {
            // What implements a trait was named by the trait's author.
            let name = match member {
                _ if item.trait_.is_some() => None,
                ImplItem::Fn(member) => Some(&member.sig.ident),
                ImplItem::Const(member) => Some(&member.ident),
                ImplItem::Type(member) => Some(&member.ident),
                _ => None,
            };
            name.into_iter().for_each(|name| self.add(name));
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        match item {
            TraitItem::Fn(item) => self.add(&item.sig.ident),
            TraitItem::Const(item) => self.add(&item.ident),
            TraitItem::Type(item) => self.add(&item.ident),
            _ => {}
        }
        visit::visit_trait_item(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn every_kind_of_item_is_read() {
        for text in [
            "fn open_channel() {}",
            "struct ChannelList;",
            "enum RoomManager {}",
            "trait Handler {}",
            "mod helpers {}",
            "mod util;",
            "type Common = u8;",
            "const MISC: u8 = 1;",
            "static MISC_TABLE: u8 = 1;",
            "macro_rules! handler { () => {}; }",
            "impl A { fn handler(&self) {} }",
            "trait A { fn handler(&self); }",
            "trait A { type Handler; }",
            "fn outer() { fn inner_helper() {} }",
            "#[cfg(test)] mod tests { fn helper() {} }",
        ] {
            assert_eq!(found(check, "a.rs", text).len(), 1, "{text}");
        }
    }

    #[test]
    fn the_complaint_says_how_to_name_it() {
        let complaint = "a.rs:2: the item is called `RoomManager`, and `manager` says nothing; \
            instead: name it by what it keeps or decides (hub, outbox, placement, ..)";
        assert_eq!(found(check, "a.rs", "\nstruct RoomManager;\n"), [complaint]);
    }

    #[test]
    fn files_and_folders_have_names_too() {
        for path in ["crates/node/src/utils.rs", "tests/helpers/a.mjs", "docs/misc.md", "web/roomHandler.js"]
        {
            assert_eq!(found(check, path, "//! x").len(), 1, "{path}");
        }
    }

    #[test]
    fn what_others_named_is_free() {
        for text in [
            "use tokio::sync::mpsc::channel;",
            "fn f() { let channel = mpsc::channel(1); self.handler.call(); }",
            "impl Handler for A { type Handler = u8; fn handler(&self) {} }",
            "struct Uncommon; fn channeled() {} struct Utilization;",
        ] {
            assert_eq!(found(check, "a.rs", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words("openRoomChannel2"), ["open", "room", "channel2"]);
        assert_eq!(words("MISC_TABLE"), ["misc", "table"]);
        assert_eq!(words("a-b.rs"), ["a", "b", "rs"]);
    }
}
