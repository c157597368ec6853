//! Values by their type: the application's state, and what is kept on a connection or a call.

use std::any::{Any, TypeId};
use std::sync::Arc;

/// At most one value of each type; a clone has the same values. A list: there are few, and most connections have none.
#[derive(Clone, Default)]
pub struct TypeMap(Vec<(TypeId, Arc<dyn Any + Send + Sync>)>);

impl TypeMap {
    /// Keeps a value in place of the older one of its type.
    pub fn set<T: Send + Sync + 'static>(&mut self, value: T) {
        let id = TypeId::of::<T>();
        self.0.retain(|(other, _)| *other != id);
        self.0.push((id, Arc::new(value)));
    }

    /// The value of a type.
    #[must_use]
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let id = TypeId::of::<T>();
        let (_, value) = self.0.iter().find(|(other, _)| *other == id)?;
        value.clone().downcast().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_a_type() {
        let mut map = TypeMap::default();
        map.set(1_u8);
        map.set("text");
        map.set(2_u8);
        assert_eq!(map.get::<u8>().as_deref(), Some(&2));
        assert_eq!(map.get::<&str>().as_deref(), Some(&"text"));
        assert_eq!(map.get::<u16>(), None);
    }
}
