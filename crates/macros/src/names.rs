//! Names: how Rust's become the wire's, and which known one somebody meant.

use proc_macro2::Ident;
use syn::ext::IdentExt as _;

/// The name on the wire: `create_chat_room` is `createChatRoom`, `r#type` is `type`.
pub(crate) fn camel_case(ident: &Ident) -> String {
    let snake = ident.unraw().to_string();
    let mut camel = String::with_capacity(snake.len());
    let mut upper = false;
    for letter in snake.chars() {
        match letter {
            '_' => upper = !camel.is_empty(),
            _ if upper => {
                camel.extend(letter.to_uppercase());
                upper = false;
            }
            _ => camel.push(letter),
        }
    }
    camel
}

/// The same for a type: `NewCount` is `newCount`, `HTTPLog` is `httpLog`.
pub(crate) fn camel_case_of_type(ident: &Ident) -> String {
    let letters: Vec<char> = camel_case(ident).chars().collect();
    let capitals = letters.iter().take_while(|letter| letter.is_uppercase()).count();
    // The last capital of several begins the next word, where there is one.
    let first_word = if capitals > 1 && capitals < letters.len() { capitals - 1 } else { capitals };
    let (first, rest) = letters.split_at(first_word);
    first.iter().flat_map(|letter| letter.to_lowercase()).chain(rest.iter().copied()).collect()
}

/// A sentence that names the known one nearest to `wrong`, or all of them where none is near.
pub(crate) fn instead(wrong: &str, known: &[&str]) -> String {
    let near = known.iter().map(|name| (distance(wrong, name), name)).min();
    match near {
        Some((steps, name)) if steps <= 1 + wrong.len() / 3 => format!("did you mean `{name}`?"),
        Some(_) | None => {
            let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("there is {}", list.join(", "))
        }
    }
}

/// How many letters have to be added, removed or replaced.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in b.chars().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    #[test]
    fn names_travel_in_camel_case() {
        for (rust, wire) in [
            ("status", "status"),
            ("create_chat_room", "createChatRoom"),
            ("r#type", "type"),
            ("_unused", "unused"),
            ("a__b_", "aB"),
            ("http2_on", "http2On"),
        ] {
            let ident = syn::parse_str::<Ident>(rust)
                .unwrap_or_else(|_| Ident::new_raw(rust.trim_start_matches("r#"), Span::call_site()));
            assert_eq!(camel_case(&ident), wire, "{rust}");
        }
    }

    #[test]
    fn types_travel_in_camel_case() {
        for (rust, wire) in [
            ("NewCount", "newCount"),
            ("HTTPLog", "httpLog"),
            ("A", "a"),
            ("ID", "id"),
            ("Chat_Room", "chatRoom"),
        ] {
            assert_eq!(camel_case_of_type(&Ident::new(rust, Span::call_site())), wire, "{rust}");
        }
    }

    #[test]
    fn the_nearest_name_is_named() {
        let known = ["name", "version", "timeout"];
        assert_eq!(instead("tiemout", &known), "did you mean `timeout`?");
        assert_eq!(instead("zzz", &known), "there is `name`, `version`, `timeout`");
    }
}
