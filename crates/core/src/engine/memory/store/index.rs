//! By what actors are found: ids, keys, names, tags. Knows rows only, not what stands in them.

use super::super::trim;
use crate::actor::{ActorId, Address, At, Tags};
use crate::store::Record;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Rows in order of creation.
type Rows = BTreeSet<u64>;

/// A name, and a tag of actors of that name; `None` stands for all that were made by tags.
type Tag = (Arc<str>, Option<(String, String)>);

#[derive(Default)]
pub(super) struct Index {
    ids: HashMap<ActorId, u64>,
    keys: HashMap<Address, u64>,
    names: HashMap<Arc<str>, Rows>,
    tags: HashMap<Tag, Rows>,
}

impl Index {
    pub(super) fn with_id(&self, id: &ActorId) -> Option<u64> {
        self.ids.get(id).copied()
    }

    pub(super) fn with_key(&self, address: &Address) -> Option<u64> {
        self.keys.get(address).copied()
    }

    pub(super) fn with_name(&self, name: &str) -> Option<&Rows> {
        self.names.get(name)
    }

    /// Of the rows with one of the tags each, the fewest: all that have every tag are among them.
    pub(super) fn narrowest(&self, name: &Arc<str>, tags: &Tags) -> Option<&Rows> {
        let mut narrowest = self.tags.get(&(name.clone(), None))?;
        for (tag, value) in tags {
            let rows = self.tags.get(&(name.clone(), Some((tag.clone(), value.clone()))))?;
            if rows.len() < narrowest.len() {
                narrowest = rows;
            }
        }
        Some(narrowest)
    }

    pub(super) fn add(&mut self, Record { id, address, row, .. }: &Record) {
        self.ids.insert(id.clone(), *row);
        self.names.entry(address.name.clone()).or_default().insert(*row);
        match &address.at {
            At::Key(_) => drop(self.keys.insert(address.clone(), *row)),
            At::Tags(tags) => {
                for tag in all(&address.name, tags) {
                    self.tags.entry(tag).or_default().insert(*row);
                }
            }
        }
    }

    pub(super) fn remove(&mut self, Record { id, address, row, .. }: &Record) {
        self.ids.remove(id);
        trim(&mut self.ids);
        take_out(&mut self.names, &address.name, *row);
        match &address.at {
            At::Key(_) => {
                self.keys.remove(address);
                trim(&mut self.keys);
            }
            At::Tags(tags) => all(&address.name, tags).for_each(|tag| take_out(&mut self.tags, &tag, *row)),
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.keys.is_empty() && self.names.is_empty() && self.tags.is_empty()
    }
}

fn all<'a>(name: &'a Arc<str>, tags: &'a Tags) -> impl Iterator<Item = Tag> + 'a {
    let each = tags.iter().map(|(tag, value)| Some((tag.clone(), value.clone())));
    each.chain([None]).map(|tag| (name.clone(), tag))
}

fn take_out<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Rows>, key: &K, row: u64) {
    let Some(rows) = map.get_mut(key) else { return };
    rows.remove(&row);
    if rows.is_empty() {
        map.remove(key);
        trim(map);
    }
}
