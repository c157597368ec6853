//! Makes of a kind's definition what `core::manifest` holds of it. Nothing here runs while an actor does.

use crate::kind::{ActionDefinition, Definition};
use playhouse_core::manifest::{Actor, ActorAction, ActorEvent, Argument};
use schemars::{Schema, SchemaGenerator};

/// Says the form of one type.
pub type Shape = fn(&mut SchemaGenerator) -> Schema;

impl Definition {
    /// What clients may know of the kind. What they send is told by `read`, what they get by `written`: the forms of one
    /// type may differ, such as in fields that may be missing.
    #[must_use]
    pub fn describe(&self, read: &mut SchemaGenerator, written: &mut SchemaGenerator) -> Actor {
        let actions = self.actions.iter().filter(|action| !action.internal);
        let events = self.events.iter().zip(self.told);
        Actor {
            name: self.name.to_owned(),
            description: self.description.to_owned(),
            params: self.params.map(|shape| shape(read).to_value()),
            actions: actions.map(|action| action.describe(read, written)).collect(),
            events: events
                .map(|(name, shapes)| ActorEvent {
                    name: (*name).to_owned(),
                    arguments: shapes.iter().map(|shape| shape(written).to_value()).collect(),
                })
                .collect(),
        }
    }
}

impl ActionDefinition {
    fn describe(&self, read: &mut SchemaGenerator, written: &mut SchemaGenerator) -> ActorAction {
        let arguments = self.arguments.iter().map(|argument| Argument {
            name: argument.name.to_owned(),
            required: argument.required,
            schema: (argument.shape)(read).to_value(),
        });
        ActorAction {
            name: self.name.to_owned(),
            description: self.description.to_owned(),
            arguments: arguments.collect(),
            output: (self.output)(written).to_value(),
        }
    }
}
