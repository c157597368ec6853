//! What the engine is told, made fit for use: the client that dials, and what everybody here needs.

use crate::Parts;
use crate::keys::Keys;
use playhouse_core::clock::Clock;
use playhouse_core::config::without_password;
use playhouse_core::health::Health;
use playhouse_core::rng::Rng;
use redis::{Client, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisResult, TlsCertificates};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The section `[redis]` of the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `redis://` or `rediss://`.
    pub url: String,
    /// What all keys and topics begin with.
    pub prefix: String,
    /// How long a dead node's members are listed.
    pub lease: Duration,
    /// How long a command may take.
    pub timeout: Duration,
    /// Certificates to trust, in the place of the system's.
    pub ca_file: Option<PathBuf>,
    /// The bytes that may wait to be published.
    pub queue: usize,
}

/// Why the engine does not start, for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL has no meaning.
    #[error("`redis.url` ({url}) can't be used: {why}")]
    Url {
        /// Without its password.
        url: String,
        /// In words.
        why: String,
    },
    /// The file of certificates.
    #[error("`redis.ca_file` ({}) can't be used: {why}", file.display())]
    Ca {
        /// As it was named.
        file: PathBuf,
        /// In words.
        why: String,
    },
    /// It was not reached in time.
    #[error("Redis at {url} can't be reached: {why}. Is it running, and is `redis.url` right?")]
    Away {
        /// Without its password.
        url: String,
        /// In words.
        why: String,
    },
    /// Nobody we trust vouches for who answers.
    #[error(
        "Redis at {url} shows a certificate that can't be trusted: {why}. Name the file of its authority (PEM) in \
         `redis.ca_file`, or mend the certificate"
    )]
    Certificate {
        /// Without its password.
        url: String,
        /// In words.
        why: String,
    },
    /// It was reached and said no.
    #[error(
        "Redis at {url} refuses us: {why}. Look at user and password in `redis.url`, at that user's rights, and whether it takes writes"
    )]
    Refused {
        /// Without its password.
        url: String,
        /// In words.
        why: String,
    },
}

/// What all parts of the engine stand on.
pub(crate) struct Ground {
    pub(crate) settings: Settings,
    pub(crate) keys: Keys,
    pub(crate) client: Client,
    pub(crate) clock: Clock,
    pub(crate) rng: Rng,
    pub(crate) health: Arc<Health>,
}

impl Ground {
    pub(crate) fn new(settings: Settings, parts: Parts) -> Result<Self, OpenError> {
        let Parts { clock, rng, health, tasks: _ } = parts;
        let client = client(&settings)?;
        let keys = Keys::new(&settings.prefix);
        Ok(Self { settings, keys, client, clock, rng, health })
    }

    /// For tests that need no Redis, with a queue for so many bytes.
    #[cfg(test)]
    pub(crate) fn unconnected(queue: usize) -> Self {
        let settings = Settings {
            url: "redis://127.0.0.1".to_owned(),
            prefix: "test".to_owned(),
            lease: Duration::from_secs(1),
            timeout: Duration::from_secs(1),
            ca_file: None,
            queue,
        };
        let clock = Clock::manual().0;
        let (rng, health) = (Rng::system(), Arc::new(Health::new(clock.clone())));
        let tasks = playhouse_core::tasks::Tasks::new(tokio::runtime::Handle::current());
        Self::new(settings, Parts { clock, rng, health, tasks }).expect("these settings are fit for use")
    }

    /// What Redis answers, or that it did not in time. By our clock: the library's own needs a runtime with one, which
    /// that of a worker is not.
    pub(crate) async fn in_time<T>(&self, answer: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
        let answer = self.clock.timeout(self.settings.timeout, answer).await;
        answer.unwrap_or_else(|_elapsed| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
    }

    /// The URL as people may see it.
    pub(crate) fn url(&self) -> String {
        without_password(&self.settings.url)
    }
}

fn client(settings: &Settings) -> Result<Client, OpenError> {
    let wrong = |error: redis::RedisError| OpenError::Url {
        url: without_password(&settings.url),
        why: error.to_string(),
    };
    let info = info(&settings.url).map_err(wrong)?;
    if !settings.url.starts_with("rediss:") {
        return Client::open(info).map_err(wrong);
    }
    // Fails where the application has chosen a provider already, which is then the one to use.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Some(file) = &settings.ca_file else { return Client::open(info).map_err(wrong) };
    let unfit = |why: String| OpenError::Ca { file: file.clone(), why };
    let root_cert = std::fs::read(file).map_err(|error| unfit(error.to_string()))?;
    // One without certificates would be taken for one that trusts nobody.
    if CertificateDer::pem_slice_iter(&root_cert).flatten().next().is_none() {
        return Err(unfit("there is no certificate (PEM) in it".into()));
    }
    let certificates = TlsCertificates { client_tls: None, root_cert: Some(root_cert) };
    Client::build_with_tls(info, certificates).map_err(|error| unfit(error.to_string()))
}

/// With the protocol that has subscriptions and answers on one connection.
fn info(url: &str) -> RedisResult<ConnectionInfo> {
    let info = url.into_connection_info()?;
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Ok(info.set_redis_settings(settings.set_lib_name("playhouse", env!("CARGO_PKG_VERSION"))))
}
