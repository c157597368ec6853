//! The only place with calls that are not the same on every operating system.

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// Connections that may wait to be accepted. The kernel cuts it to its own limit (`net.core.somaxconn`).
const BACKLOG: i32 = 4096;

/// Listens on an address, once for each of `count` workers. The first one is bound alone, so that a port in
/// use is an error even where another program would share it with us.
///
/// On Linux every worker has a listener of its own (`SO_REUSEPORT`) and the kernel spreads new connections
/// over them; elsewhere the workers share one.
///
/// # Errors
/// Those of the operating system, such as a port in use or no right to it.
pub(crate) fn listen(address: SocketAddr, count: usize) -> io::Result<Vec<TcpListener>> {
    if count > 1 && cfg!(target_os = "linux") {
        let probe = socket(address)?;
        probe.bind(&address.into())?;
        let address = local(&probe)?;
        drop(probe);
        return (0..count).map(|_| shared_port(address)).collect();
    }
    let socket = socket(address)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let first: TcpListener = socket.into();
    let mut all = Vec::with_capacity(count);
    for _ in 1..count {
        all.push(first.try_clone()?);
    }
    all.push(first);
    Ok(all)
}

fn socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // `::` means all addresses of the machine, those of IPv4 too.
        socket.set_only_v6(false)?;
    }
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn local(socket: &Socket) -> io::Result<SocketAddr> {
    socket.local_addr()?.as_socket().ok_or_else(|| io::Error::other("the socket has no address"))
}

fn shared_port(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket(address)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Sets what every accepted socket needs: nothing waits for more bytes before it is sent.
pub(crate) fn tune(stream: &tokio::net::TcpStream) {
    // A socket that was reset already can't be set; the first read will tell.
    let _ = SockRef::from(stream).set_tcp_nodelay(true);
}

/// What to do when `accept` fails: the descriptors are used up, or a client left before it was accepted.
pub(crate) fn is_exhausted(error: &io::Error) -> bool {
    // EMFILE and ENFILE have the same numbers on all Unix systems; Windows has its own for the first.
    matches!(error.raw_os_error(), Some(23 | 24 | 10_024))
}

/// Has the system give up a connection whose other side confirms nothing of what was sent to it for so long. Linux only;
/// elsewhere the system's own patience counts, which is minutes.
pub(crate) fn give_up_after(stream: &tokio::net::TcpStream, silence: Duration) {
    #[cfg(target_os = "linux")]
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(silence)) {
        tracing::debug!(%error, "a socket's time to be confirmed stays the system's");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (stream, silence);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_an_error_for_one_worker_and_for_many() {
        let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        for count in [1, 3] {
            let first = listen(any, count).expect("the system has a free port");
            assert_eq!(first.len(), count);
            let address = first[0].local_addr().expect("it is bound");
            assert!(first.iter().all(|other| other.local_addr().is_ok_and(|other| other == address)));
            for again in [1, 2] {
                let error = listen(address, again).expect_err("the port is taken");
                assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
            }
        }
    }
}
