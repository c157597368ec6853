//! Answers as hyper writes them: what follows what on one socket, and that nothing is left on it.

use super::*;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::TcpStream;

/// What a client reads until the server closes, after it has written `sent` in one go.
fn exchanged(site: &Site, sent: &str) -> String {
    site.runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sent = sent.to_owned();
        let client = std::thread::spawn(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(sent.as_bytes()).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut read = String::new();
            stream.read_to_string(&mut read).unwrap();
            read
        });
        let (stream, peer) = listener.accept().await.unwrap();
        let web = &site.web;
        let service = service_fn(|request: Request<_>| async move {
            let (request, body) = request.into_parts();
            Ok::<_, Infallible>(web.respond(&request, body, &peer).await)
        });
        // A client that has written all it will is not gone: it still reads.
        let served = http1::Builder::new().half_close(true).serve_connection(TokioIo::new(stream), service);
        served.await.unwrap();
        client.join().unwrap()
    })
}

/// The first lines of all answers.
fn statuses(read: &str) -> Vec<&str> {
    read.match_indices("HTTP/1.1 ").map(|(at, _)| &read[at + 9..at + 12]).collect()
}

#[test]
fn answers_follow_each_other_on_one_socket() {
    let site = Site::plain();
    let read = exchanged(
        &site,
        "GET /api/created HTTP/1.1\r\nHost: h\r\n\r\n\
         HEAD /index.html HTTP/1.1\r\nHost: h\r\n\r\n\
         POST /api/echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"p\":1}\
         POST /api/echo HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc\
         PUT /api/echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
         3\r\n{\"p\r\n4\r\n\":2}\r\n0\r\n\r\n\
         GET /none HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(statuses(&read), ["201", "200", "200", "200", "200", "404"], "{read}");
    assert!(read.contains("{\"json\":\"1\"}") && read.contains("{\"json\":\"2\"}"), "{read}");
    assert!(read.ends_with("\r\n\r\nthat file is not found"), "{read}");
    assert_eq!(read.matches("content-length: 7\r\n").count(), 1, "of HEAD: {read}");
    assert!(!read.contains("<p>home"));
}

#[test]
fn a_body_too_large_is_answered_and_the_socket_closed() {
    let site = Site::new(|config, _| config.limits.http_fields = 10);
    let read = exchanged(
        &site,
        "POST /api/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n12345678901GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    );
    assert_eq!(statuses(&read), ["413"], "{read}");
    let read = exchanged(
        &site,
        "POST /api/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n",
    );
    assert_eq!(statuses(&read), ["413"], "{read}");
}

#[test]
fn a_body_that_breaks_off_harms_nobody() {
    let site = Site::plain();
    let halved = "POST /api/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    assert_eq!(statuses(&exchanged(&site, halved)), ["400"]);
    assert_eq!(site.status("GET", "/api/created"), 201);
}

#[test]
fn a_file_in_pieces_arrives_whole() {
    let site = Site::plain();
    let text = "0123456789".repeat(20_000);
    site.folder.write("large.txt", text.as_bytes());
    let read = exchanged(
        &site,
        "GET /large.txt HTTP/1.1\r\nHost: h\r\n\r\n\
         HEAD /large.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(statuses(&read), ["200", "200"]);
    assert_eq!(read.matches("content-length: 200000\r\n").count(), 2);
    assert_eq!(read.matches("0123456789").count(), 20_000);
}
