//! Messages in BARE, one example of each and of each fault.

use playhouse_proto::actors::bare::{self, Failure, Malformed, ToServer};

use crate::hex;

#[test]
fn what_clients_write() {
    let call = |id, name, args| ToServer::Call { id, name, args };
    let subscription = |event, subscribe| ToServer::Subscription { event, subscribe };
    for (frame, expected) in [
        ("0200 01 08 6e6577436f756e74 01", subscription("newCount", true)),
        ("0200 01 08 6e6577436f756e74 00", subscription("newCount", false)),
        ("0200 00 00 09 696e6372656d656e74 02 8101", call(0, "increment", &[0x81, 1])),
        ("0200 00 00 06 77686f616d69 01 80", call(0, "whoami", &[0x80])),
        ("0100 00 01 01 61 00", call(1, "a", &[])),
        ("0400 00 ffffffffffffffffff01 00 01 80", call(u64::MAX, "", &[0x80])),
    ] {
        assert_eq!(ToServer::read(&hex(frame)), Ok(expected), "{frame}");
    }
    assert_eq!(bare::arguments(&hex("0300 02 8105")), Ok(&[0x81, 5][..]));
    assert_eq!(bare::arguments(&hex("0200 01 80")), Ok(&[0x80][..]));
}

#[test]
fn what_no_client_writes() {
    for (frame, expected) in [
        ("", Malformed::EndsEarly { at: 0 }),
        ("03", Malformed::EndsEarly { at: 1 }),
        ("0300", Malformed::EndsEarly { at: 2 }),
        ("0000 01 00 00", Malformed::Version { version: 0 }),
        ("0500 01 00 00", Malformed::Version { version: 5 }),
        ("0201 01 00 00", Malformed::Version { version: 0x102 }),
        ("0300 02 00", Malformed::Choice { at: 2, byte: 2, max: 1 }),
        ("0300 01 01 61 02", Malformed::Choice { at: 5, byte: 2, max: 1 }),
        ("0300 01 01 61", Malformed::EndsEarly { at: 5 }),
        ("0300 01 01 ff 00", Malformed::NotUtf8 { at: 3 }),
        ("0300 01 01 61 01 00", Malformed::Trailing { at: 6 }),
        ("0300 00 8000 01 61 00", Malformed::Integer { at: 3 }),
        ("0300 00 00 05 61 00", Malformed::TooLong { at: 4, len: 5 }),
    ] {
        assert_eq!(ToServer::read(&hex(frame)), Err(expected), "{frame}");
    }
    assert_eq!(bare::arguments(&hex("0300 01 80 00")), Err(Malformed::Trailing { at: 4 }));
    let said = Malformed::Version { version: 5 }.to_string();
    assert_eq!(said, "the message has version 5; those from 1 to 4 are read");
}

#[test]
fn what_clients_read() {
    let (actor, connection) = ("ac70000000000001", "00000000-0000-4000-8000-000000000001");
    let eve = hex("a168757365726e616d6563657665");
    let missing =
        Failure { group: "action", code: "not_found", message: "no", metadata: None, action: Some(3) };
    let refused = Failure {
        group: "user",
        code: "invalid_token",
        message: "bad token",
        metadata: Some(&eve),
        action: None,
    };
    let mut all: Vec<Vec<u8>> = vec![Vec::new(); 7];
    bare::init(&mut all[0], actor, connection);
    bare::event(&mut all[1], "newCount", &[0x81, 1]);
    bare::response(&mut all[2], 0, &[1]);
    bare::error(&mut all[3], &missing);
    bare::error(&mut all[4], &refused);
    bare::output(&mut all[5], &[15]);
    bare::response(&mut all[6], u64::MAX, &[0xF6; 200]);
    let init = [hex("0200 00 10"), actor.into(), hex("24"), connection.into()].concat();
    assert_eq!(all[0], init);
    for (message, expected) in all[1..].iter().zip([
        "0200 03 08 6e6577436f756e74 02 8101".to_owned(),
        "0200 02 00 01 01".to_owned(),
        "0200 01 06 616374696f6e 09 6e6f745f666f756e64 02 6e6f 00 01 03".to_owned(),
        "0200 01 04 75736572 0d 696e76616c69645f746f6b656e 09 62616420746f6b656e \
         01 0e a168757365726e616d6563657665 00"
            .to_owned(),
        "0200 01 0f".to_owned(),
        format!("0200 02 ffffffffffffffffff01 c801 {}", "f6".repeat(200)),
    ]) {
        assert_eq!(*message, hex(&expected));
    }
}
