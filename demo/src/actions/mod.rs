//! The actions, a file each. Names, inputs, results and texts are those of `ActionHero` 29's own demo actions.

pub(crate) mod cache_test;
pub(crate) mod create_chat_room;
pub(crate) mod echo;
pub(crate) mod random_number;
pub(crate) mod recursive_action;
pub(crate) mod send_file;
pub(crate) mod sleep_test;
pub(crate) mod status;
pub(crate) mod swagger;
pub(crate) mod validation_test;
