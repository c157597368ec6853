//! `[texts]`: what clients are told in words, under ActionHero's names in snake case.

use crate::config::declare::{at, names, section};
use crate::config::kind::template::Template;

section! {
    /// What clients are told in words. A name in braces is filled in.
    Texts [texts] as TABLE {
        /// The first frame of a connection.
        welcome_message: String = "Welcome to the {app} api".into(), Template(&["app"]);
        /// The last frame of a connection that the application ends; none where empty.
        goodbye_message: String = String::new(), Template(&["app"]);
        /// An input was refused; `{error}` is what its check said.
        invalid_params: String = "{error}".into(), Template(&["error", "param"]);
        /// An input that must be there is not.
        missing_params: String = "{param} is a required parameter for this action".into(),
            Template(&["param"]);
        /// There is no such action.
        unknown_action: String = "unknown action or invalid apiVersion".into(), Template(&["action"]);
        /// The action is not for this type of connection.
        unsupported_server_type: String = "this action does not support the {type} connection type".into(),
            Template(&["type"]);
        /// The node is stopping.
        server_shutting_down: String = "the server is shutting down".into(), Template(&[]);
        /// Too many actions of this connection are running.
        too_many_pending_actions: String = "you have too many pending requests".into(), Template(&[]);
        /// There is no such file.
        file_not_found: String = "that file is not found".into(), Template(&[]);
        /// No file was named (logged only; the client sees `file_not_found`).
        file_not_provided: String = "file is a required param to send a file".into(), Template(&[]);
        /// The file could not be read (logged only; the client sees `file_not_found`).
        file_read_error: String = "error reading file: {error}".into(), Template(&["error"]);
        /// There is no such verb.
        verb_not_found: String = "verb not found or not allowed ({verb})".into(), Template(&["verb"]);
        /// The verb is not for this connection.
        verb_not_allowed: String = "verb not found or not allowed ({verb})".into(), Template(&["verb"]);
        /// `say` without a room or without a message.
        connection_room_and_message: String = "both room and message are required".into(), Template(&[]);
        /// The connection is not in the room.
        connection_not_in_room: String = "connection not in this room ({room})".into(), Template(&["room"]);
        /// The connection is in the room already.
        connection_already_in_room: String = "connection already in this room ({room})".into(),
            Template(&["room"]);
        /// Said to the members of a room that is deleted.
        connection_room_has_been_deleted: String = "this room has been deleted".into(), Template(&["room"]);
        /// There is no such room.
        connection_room_not_exist: String = "room does not exist".into(), Template(&["room"]);
        /// There is such a room already.
        connection_room_exists: String = "room exists".into(), Template(&["room"]);
        /// No room was named.
        connection_room_required: String = "a room is required".into(), Template(&[]);
    }
}
