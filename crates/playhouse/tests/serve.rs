//! An application served within another program, over a real port.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, in the functions that it uses too"
)]

use playhouse::prelude::*;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc;

/// Says hello.
#[action]
async fn hello(name: String) -> Result<Value> {
    Ok(json!({ "greeting": format!("Hello {name}!") }))
}

/// A folder with a configuration of its own, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, settings: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("playhouse-serve-{}-{name}", std::process::id()));
        std::fs::create_dir_all(folder.join("public")).unwrap();
        let text = format!("host = \"127.0.0.1\"\nworkers = 1\n{settings}\n[files]\nfolder = \"public\"\n");
        std::fs::write(folder.join("playhouse.toml"), text).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("playhouse.toml")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn ask(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = "GET /api/hello?name=Ben HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[playhouse::test]
async fn it_serves_until_it_is_told_to_stop() -> Result<()> {
    let folder = Folder::new("stop", "port = 0");
    let (told, asked) = mpsc::sync_channel(1);
    let app =
        App::new().actions::<(hello,)>().config_file(folder.file()).on_start(move |handle| async move {
            told.send(handle).expect("the test waits");
            Ok(())
        });
    // A person's request comes from somewhere else.
    let person = std::thread::spawn(move || {
        let handle = asked.recv().unwrap();
        let answer = ask(handle.address().unwrap());
        handle.stop();
        answer
    });
    app.serve().await?;
    let answer = person.join().unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains(r#""greeting":"Hello Ben!""#),
        "{answer}"
    );
    Ok(())
}

#[playhouse::test]
async fn a_start_that_cannot_go_well_says_why() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = Folder::new("taken", &format!("port = {port}"));
    let error = App::new().config_file(folder.file()).serve().await.unwrap_err().to_string();
    assert!(error.contains(&port.to_string()) && error.contains("in use"), "{error}");

    let folder = Folder::new("unknown", "prot = 0");
    let error = App::new().config_file(folder.file()).serve().await.unwrap_err().to_string();
    assert!(error.contains("prot") && error.contains("port"), "{error}");

    let folder = Folder::new("start", "port = 0");
    let app =
        App::new().config_file(folder.file()).on_start(|_| async { Err(Reject::new("no", "no database"))? });
    assert_eq!(app.serve().await.unwrap_err().to_string(), "`on_start` failed: no database");
}
