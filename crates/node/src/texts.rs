//! What clients are told, as the configuration has it, with names put in.

use playhouse_core::config::{Config, Welcome};

/// The texts of section 6 of `ActionHero`'s protocol, by their names there.
pub struct Texts {
    config: Config,
    welcome: Option<String>,
}

fn fill(template: &str, name: &str, value: &str) -> String {
    template.replace(name, value)
}

impl Texts {
    /// The texts of a configuration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let welcome = fill(&config.texts.welcome_message, "{app}", &config.app.name);
        let wanted = config.websocket.welcome != Welcome::Off && !welcome.is_empty();
        let welcome = wanted.then_some(welcome);
        Self { config: config.clone(), welcome }
    }

    /// The first message of a connection; `None` where it is turned off.
    #[must_use]
    pub fn welcome(&self) -> Option<&str> {
        self.welcome.as_deref()
    }

    /// An input is missing.
    #[must_use]
    pub fn missing_param(&self, param: &str) -> String {
        fill(&self.config.texts.missing_params, "{param}", param)
    }

    /// An input was refused; without words of its own, with `ActionHero`'s.
    #[must_use]
    pub fn invalid_param(&self, param: &str, error: Option<String>) -> String {
        let error = error.unwrap_or_else(|| format!("Input for parameter \"{param}\" failed validation!"));
        fill(&fill(&self.config.texts.invalid_params, "{param}", param), "{error}", &error)
    }

    /// A room verb of one who is not in the room.
    #[must_use]
    pub fn connection_not_in_room(&self, room: &str) -> String {
        fill(&self.config.texts.connection_not_in_room, "{room}", room)
    }

    /// Joining a room twice.
    #[must_use]
    pub fn connection_already_in_room(&self, room: &str) -> String {
        fill(&self.config.texts.connection_already_in_room, "{room}", room)
    }

    /// A verb that is none.
    #[must_use]
    pub fn verb_not_found(&self, verb: &str) -> String {
        fill(&self.config.texts.verb_not_found, "{verb}", verb)
    }

    /// An action that does not serve this kind of connection.
    #[must_use]
    pub fn unsupported_server_type(&self, kind: &str) -> String {
        fill(&self.config.texts.unsupported_server_type, "{type}", kind)
    }
}

macro_rules! plain {
    ($($name:ident: $doc:literal,)*) => {
        impl Texts {
            $(
                #[doc = $doc]
                #[must_use]
                pub fn $name(&self) -> String {
                    self.config.texts.$name.clone()
                }
            )*
        }
    };
}

plain! {
    unknown_action: "No action of this name and version.",
    server_shutting_down: "The node is stopping.",
    too_many_pending_actions: "More actions run than may.",
    file_not_found: "No such file.",
    connection_room_and_message: "`say` without a room or a message.",
    connection_room_has_been_deleted: "What members hear before their room goes.",
    connection_room_not_exist: "No such room.",
    connection_room_exists: "There is such a room.",
    connection_room_required: "A room's name is wanted.",
}
