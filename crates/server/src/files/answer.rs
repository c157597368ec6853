//! A file as an answer over HTTP: what is asked of it, and which status and headers that makes.

use super::PublicFolder;
use super::conditional::{Verdict, Version, allows_part, verdict};
use super::locate::Opened;
use super::made::Made;
use super::pieces::{PIECE, Pieces, read_piece};
use super::range::{Wanted, wanted};
use crate::http::Body;
use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue,
    LAST_MODIFIED, RANGE,
};
use http::{HeaderName, Response, StatusCode};
use playhouse_node::files::NoFile;
use std::fs::File;
use std::io::{self, Seek, SeekFrom};

/// What was found: a small file is read in the same go in which it is opened.
struct Found {
    version: Version,
    mime: &'static str,
    content: Content,
}

enum Content {
    Read(Bytes),
    Open(File),
}

impl PublicFolder {
    /// Fills `response`, which has the headers of every answer and the status 200 or one that the
    /// application chose, with the file at `path` (decoded, relative). `asked` are the request's headers.
    ///
    /// # Errors
    /// There is no such file; the response is lost.
    pub(crate) async fn fill(
        &self,
        response: Response<Body>,
        path: &str,
        asked: &HeaderMap,
        is_head: bool,
    ) -> Result<Response<Body>, NoFile> {
        let found = match self.made(path) {
            Some(made) => made.found(),
            None => self.with(path, found).await?,
        };
        self.finish(response, found, asked, is_head)
    }

    /// Fills `response`, as [`PublicFolder::fill`] does, with a file that is no part of the folder.
    pub(crate) fn fill_with(
        &self,
        response: Response<Body>,
        made: &Made,
        asked: &HeaderMap,
        is_head: bool,
    ) -> Response<Body> {
        self.finish(response, made.found(), asked, is_head).expect("what is in memory can be read")
    }

    fn finish(
        &self,
        mut response: Response<Body>,
        Found { version, mime, content }: Found,
        asked: &HeaderMap,
        is_head: bool,
    ) -> Result<Response<Body>, NoFile> {
        let (verdict, with_tag) = verdict(asked, version, self.etag);
        self.describe(response.headers_mut(), version, mime, with_tag);
        let plain = response.status() == StatusCode::OK;
        if plain && verdict == Verdict::Unchanged {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Ok(response);
        }
        let wanted = if plain && !is_head { part(asked, version) } else { Wanted::All };
        let (start, length) = limit(&mut response, wanted, version.size);
        put(&mut response, CONTENT_LENGTH, &length.to_string());
        if length > 0 && !is_head {
            let body = self.body(content, start, length);
            *response.body_mut() = body.map_err(|error| NoFile::Unreadable(error.to_string()))?;
        }
        Ok(response)
    }

    fn describe(&self, headers: &mut HeaderMap, version: Version, mime: &'static str, with_tag: bool) {
        let seconds = self.cache_duration.as_secs();
        let cache = format!("max-age={seconds}, must-revalidate, public");
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(mime));
        headers.insert(CACHE_CONTROL, value(&cache));
        if let Some(date) = version.last_modified() {
            headers.insert(LAST_MODIFIED, value(&date));
        }
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if with_tag {
            headers.insert(ETAG, value(&version.etag()));
        }
    }

    fn body(&self, content: Content, start: u64, length: u64) -> io::Result<Body> {
        match content {
            Content::Read(bytes) => {
                let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
                Ok(Body::Full(bytes.slice(at(start)..at(start + length))))
            }
            Content::Open(mut file) => {
                // Moves a number in the kernel; nothing is read yet.
                file.seek(SeekFrom::Start(start))?;
                let tasks = self.tasks().map_err(|cause| io::Error::other(cause.to_string()))?;
                Ok(Body::File(Box::new(Pieces::new(file, length, tasks.clone()))))
            }
        }
    }
}

impl Made {
    fn found(&self) -> Found {
        Found { version: self.version, mime: self.mime, content: Content::Read(self.bytes.clone()) }
    }
}

/// May block.
fn found(opened: Opened) -> io::Result<Found> {
    let Opened { mut file, size, modified_ms, mime } = opened;
    let content = match usize::try_from(size) {
        Ok(size) if size <= PIECE => Content::Read(read_piece(&mut file, size)?),
        Ok(_) | Err(_) => Content::Open(file),
    };
    Ok(Found { version: Version::of_file(size, modified_ms), mime, content })
}

fn part(asked: &HeaderMap, version: Version) -> Wanted {
    match asked.get(RANGE).and_then(|range| range.to_str().ok()) {
        Some(range) if allows_part(asked, version) => wanted(range, version.size),
        Some(_) | None => Wanted::All,
    }
}

/// Sets what a range makes of the answer; returns which bytes are sent.
fn limit(response: &mut Response<Body>, wanted: Wanted, size: u64) -> (u64, u64) {
    match wanted {
        Wanted::All => (0, size),
        Wanted::Part { start, length } => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            put(response, CONTENT_RANGE, &format!("bytes {start}-{}/{size}", start + length - 1));
            (start, length)
        }
        Wanted::Outside => {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            put(response, CONTENT_RANGE, &format!("bytes */{size}"));
            (0, 0)
        }
    }
}

fn put(response: &mut Response<Body>, name: HeaderName, text: &str) {
    response.headers_mut().insert(name, value(text));
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("digits, dates and a few signs")
}
