//! What the demo can do. Its rooms, its name and its texts are in `playhouse.toml`.

use crate::actions::{
    cache_test, create_chat_room, echo, random_number, recursive_action, send_file, sleep_test, status,
    swagger, validation_test,
};
use crate::actors::chat_room::ChatRoom;
use crate::actors::counter::Counter;
use playhouse::prelude::*;

/// All actions of a generated application, `echo`, and two actors.
pub(crate) fn app() -> App {
    App::new()
        .version(env!("CARGO_PKG_VERSION"))
        .description(env!("CARGO_PKG_DESCRIPTION"))
        .actions::<(
            status::status,
            random_number::random_number,
            cache_test::cache_test,
            sleep_test::sleep_test,
            create_chat_room::create_chat_room,
            validation_test::validation_test,
            recursive_action::recursive_action,
            send_file::send_file,
            swagger::swagger,
            echo::echo,
        )>()
        .actor::<Counter>()
        .actor::<ChatRoom>()
}
