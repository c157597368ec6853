//! A server that says back what clients of engine.io and socket.io say: what those protocols' own suites of tests talk to.
//!
//! `cargo run -p playhouse-server --features fixture --example protocol-fixture -- --port 3000 --ping-interval 300
//! --ping-timeout 200` listens there, and says where. Port 0, which is the default, lets the system choose one; `--host` is
//! another address than 127.0.0.1.
//!
//! It has no action and no room, and serves nothing beside `/engine.io/` and `/socket.io/`. It must not know how these are
//! spoken.

use playhouse_core::clock::Clock;
use playhouse_core::config::{Config, Mount, RootEndpoint, Welcome};
use playhouse_core::engine::memory;
use playhouse_core::health::Health;
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_core::typemap::TypeMap;
use playhouse_node::action::Table;
use playhouse_node::hooks::ConnectionHooks;
use playhouse_node::room::RoomHooks;
use playhouse_node::{Node, Parts};
use playhouse_server::Server;
use playhouse_server::fixture::Echo;
use std::error::Error;
use std::future::pending;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Handle};

/// What is kept in memory for actions, of which there are none.
const CACHE_BYTES: usize = 1 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let config = told(quiet(), std::env::args().skip(1))?;
    let server = Server::bind(&config)?;
    let node = node(config, &server)?;
    println!("listening on http://{}", server.address());
    server.run(&node, pending())?;
    Ok(())
}

/// A server of the two mounts that echo. What is not switched off here is off, or there for actors only.
fn quiet() -> Config {
    let mut config = Config { host: "127.0.0.1".into(), port: 0, workers: Some(1), ..Config::default() };
    let mounts = &mut config.mounts;
    for other in [&mut mounts.primus, &mut mounts.sockjs, &mut mounts.api, &mut mounts.files] {
        *other = Mount::Off;
    }
    config.http.root_endpoint_type = RootEndpoint::Api;
    config.websocket.welcome = Welcome::Off;
    config.websocket.client_js_name = None;
    config.socketio.namespaces = vec!["/custom".into()];
    config.socketio.recovery_window = None;
    config
}

/// The same with what the command line says.
fn told(mut config: Config, mut words: impl Iterator<Item = String>) -> Result<Config, Box<dyn Error>> {
    while let Some(name) = words.next() {
        let value = words.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--host" => config.host = value,
            "--port" => config.port = value.parse()?,
            "--ping-interval" => config.engineio.ping_interval = Duration::from_millis(value.parse()?),
            "--ping-timeout" => config.engineio.ping_timeout = Duration::from_millis(value.parse()?),
            _ => return Err(format!("{name} is none of --host --port --ping-interval --ping-timeout").into()),
        }
    }
    Ok(config)
}

fn node(config: Config, server: &Server) -> Result<Node, Box<dyn Error>> {
    let clock = precise();
    let mut state = TypeMap::default();
    state.set(Echo);
    Ok(Node::new(Parts {
        config,
        rng: Rng::system(),
        tasks: Tasks::new(background()?),
        actors: None,
        health: Arc::new(Health::new(clock.clone())),
        broker: Arc::new(memory::Broker::new()),
        presence: Arc::new(memory::Presence::new()),
        cache: Arc::new(memory::Cache::new(clock.clone(), CACHE_BYTES)),
        clock,
        encoder: server.encoder(),
        files: server.files(),
        actions: Table::default(),
        connection_hooks: ConnectionHooks::default(),
        room_hooks: RoomHooks::default(),
        state,
        actor_forms: Arc::new(|_, _| Vec::new()),
        rooms: Vec::new(),
    }))
}

/// A clock that looks for who is due every millisecond, and is a fiftieth fast. The system's own has ticks of 8 ms: a session
/// whose client is silent ends by as much later than it should, twice. The protocols' suites look 500 ms after the handshake
/// whether it has, and forgive no millisecond.
fn precise() -> Clock {
    let (clock, hand) = Clock::manual();
    thread::spawn(move || {
        let mut then = Instant::now();
        loop {
            thread::sleep(Duration::from_millis(1));
            let now = Instant::now();
            hand.advance((now - then) * 51 / 50);
            then = now;
        }
    });
    clock
}

/// A runtime of its own for what runs on no worker.
fn background() -> Result<Handle, Box<dyn Error>> {
    let runtime = Builder::new_current_thread().build()?;
    let handle = runtime.handle().clone();
    thread::spawn(move || runtime.block_on(pending::<()>()));
    Ok(handle)
}
