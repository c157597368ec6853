//! What the standard library does not offer: epoll, non-blocking connects, pinning, CPU clocks, ties between
//! parent and child. The only file of this crate with `unsafe`; every function here is safe to call.
//!
//! It must not know what travels over the sockets. Linux only.
#![allow(unsafe_code)]

use std::io;
use std::mem;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

/// Pending handshakes a listener holds; the kernel cuts it to `net.core.somaxconn`.
const BACKLOG: libc::c_int = 4096;

/// Events taken by one wait. More than the members of the largest room, so that one message is one turn.
const EVENTS_MAX: usize = 2048;

/// An epoll instance. Everything is watched edge-triggered for reading and writing, with one system call per
/// socket in its whole life: whoever is told must read until a short read.
pub(crate) struct Poll {
    fd: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Poll {
    /// A fresh instance that watches nothing.
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: epoll_create1 takes no pointers.
        let fd = check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: the descriptor was just made and nobody else owns it.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Self { fd, events: vec![libc::epoll_event { events: 0, u64: 0 }; EVENTS_MAX] })
    }

    /// Watches a socket until it is closed; its events carry `token`.
    pub(crate) fn watch(&self, socket: &impl AsFd, token: usize) -> io::Result<()> {
        let wanted = libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLET;
        let mut event = libc::epoll_event { events: wanted.cast_unsigned(), u64: token as u64 };
        let fd = socket.as_fd().as_raw_fd();
        // SAFETY: both descriptors are open for the call, and `event` lives through it; the kernel copies it.
        check(unsafe { libc::epoll_ctl(self.fd.as_raw_fd(), libc::EPOLL_CTL_ADD, fd, &raw mut event) })?;
        Ok(())
    }

    /// Waits until something happens (`None`: for ever) and puts the tokens into `tokens`.
    pub(crate) fn wait(&mut self, tokens: &mut Vec<usize>, timeout: Option<Duration>) -> io::Result<()> {
        tokens.clear();
        let wait_ms = timeout.map_or(-1, |time| i32::try_from(time.as_millis()).unwrap_or(i32::MAX));
        let room = libc::c_int::try_from(self.events.len()).expect("EVENTS_MAX is small");
        // SAFETY: `events` has `room` initialised entries, and the kernel writes no more than that.
        let count = unsafe { libc::epoll_wait(self.fd.as_raw_fd(), self.events.as_mut_ptr(), room, wait_ms) };
        let count = match check(count) {
            Ok(count) => usize::try_from(count).expect("a count that passed the check is not negative"),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(error) => return Err(error),
        };
        for event in &self.events[..count] {
            let token = event.u64;
            tokens.push(usize::try_from(token).expect("tokens are made from usize"));
        }
        Ok(())
    }
}

/// Begins to connect without waiting: the socket becomes writable once connected (or tells its error).
pub(crate) fn connect(to: SocketAddrV4) -> io::Result<TcpStream> {
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: socket takes no pointers.
    let fd = check(unsafe { libc::socket(libc::AF_INET, kind, 0) })?;
    // SAFETY: the descriptor was just made and nobody else owns it.
    let stream = unsafe { TcpStream::from_raw_fd(fd) };
    stream.set_nodelay(true)?;
    let address = libc::sockaddr_in {
        sin_family: libc::sa_family_t::try_from(libc::AF_INET).expect("AF_INET is 2"),
        sin_port: to.port().to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from(*to.ip()).to_be() },
        sin_zero: [0; 8],
    };
    // SAFETY: `address` is a sockaddr_in that lives through the call, and the length given is its size.
    let outcome = unsafe { libc::connect(fd, (&raw const address).cast(), length_of(&address)) };
    match check(outcome) {
        Ok(_) => Ok(stream),
        Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => Ok(stream),
        Err(error) => Err(error),
    }
}

/// A non-blocking listener on the loopback address; port 0 lets the system choose.
pub(crate) fn listen(port: u16) -> io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    // SAFETY: listen takes no pointers. A second call on a listening socket only changes the backlog.
    check(unsafe { libc::listen(listener.as_raw_fd(), BACKLOG) })?;
    Ok(listener)
}

/// Takes the next waiting connection, non-blocking and with Nagle off; `None` when nobody waits.
pub(crate) fn accept(listener: &TcpListener) -> io::Result<Option<TcpStream>> {
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    let (address, length) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: accept4 allows null for an address nobody wants to know.
    match check(unsafe { libc::accept4(listener.as_raw_fd(), address, length, flags) }) {
        Ok(fd) => {
            // SAFETY: the descriptor was just made and nobody else owns it.
            let stream = unsafe { TcpStream::from_raw_fd(fd) };
            stream.set_nodelay(true)?;
            Ok(Some(stream))
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        // The peer was gone before it was taken: the next one may be well.
        Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => accept(listener),
        Err(error) => Err(error),
    }
}

/// Makes the later close a reset: no TIME_WAIT, so ports do not run out however often one connects.
pub(crate) fn reset_on_close(stream: &TcpStream) -> io::Result<()> {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    let (fd, value) = (stream.as_raw_fd(), (&raw const linger).cast());
    // SAFETY: `linger` lives through the call, and the length given is its size.
    check(unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_LINGER, value, length_of(&linger)) })?;
    Ok(())
}

/// The cores this process may run on, lowest first.
pub(crate) fn cores() -> io::Result<Vec<usize>> {
    // SAFETY: cpu_set_t is plain bits, for which zero is a valid value.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    // SAFETY: `set` is writable for its whole size; 0 means the calling thread.
    check(unsafe { libc::sched_getaffinity(0, size_of_val(&set), &raw mut set) })?;
    let highest = usize::try_from(libc::CPU_SETSIZE).expect("CPU_SETSIZE is 1024");
    // SAFETY: every index is below CPU_SETSIZE.
    Ok((0..highest).filter(|&core| unsafe { libc::CPU_ISSET(core, &set) }).collect())
}

/// Keeps the calling thread, and all that it starts from now on, on one core (below 1,024).
pub(crate) fn pin(core: usize) -> io::Result<()> {
    pin_to(&[core])
}

/// The same on these cores.
pub(crate) fn pin_to(cores: &[usize]) -> io::Result<()> {
    // SAFETY: cpu_set_t is plain bits, for which zero is a valid value.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    for &core in cores {
        assert!(core < 1024, "cpu_set_t has 1,024 bits");
        // SAFETY: the core was checked to be inside the set.
        unsafe { libc::CPU_SET(core, &mut set) };
    }
    // SAFETY: `set` is readable for its whole size; 0 means the calling thread.
    check(unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) })?;
    Ok(())
}

/// Makes the child live on `core` (if any) and die with this process, however this process ends. The calling
/// thread must outlive the child: the kernel watches the thread.
pub(crate) fn tie(command: &mut Command, core: Option<usize>) {
    let parent = std::process::id();
    let prepare = move || {
        // SAFETY: PR_SET_PDEATHSIG takes a signal number and no pointers.
        check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) })?;
        // The parent may have died before the line above: then nobody would send the signal.
        if std::os::unix::process::parent_id() != parent {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        core.map_or(Ok(()), pin)
    };
    // SAFETY: the closure runs between fork and exec; it makes system calls on the stack and allocates nothing.
    unsafe { command.pre_exec(prepare) };
}

/// Raises the number of open files to the highest allowed, for this process and its children, and tells it.
pub(crate) fn raise_files_limit() -> io::Result<u64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is writable through the call.
    check(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) })?;
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: `limit` is readable through the call.
    check(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) })?;
    Ok(limit.rlim_cur)
}

/// The processor time this thread has used.
pub(crate) fn own_cpu() -> io::Result<Duration> {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// The processor time all threads of another process have used, to the nanosecond (unlike `/proc`'s ticks).
pub(crate) fn cpu_of(pid: u32) -> io::Result<Duration> {
    let pid = libc::pid_t::try_from(pid).map_err(io::Error::other)?;
    let mut id: libc::clockid_t = 0;
    // SAFETY: `id` is writable through the call.
    match unsafe { libc::clock_getcpuclockid(pid, &raw mut id) } {
        0 => clock(id),
        code => Err(io::Error::from_raw_os_error(code)),
    }
}

fn clock(id: libc::clockid_t) -> io::Result<Duration> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is writable through the call.
    check(unsafe { libc::clock_gettime(id, &raw mut time) })?;
    let seconds = u64::try_from(time.tv_sec).map_err(io::Error::other)?;
    let nanoseconds = u32::try_from(time.tv_nsec).map_err(io::Error::other)?;
    Ok(Duration::new(seconds, nanoseconds))
}

fn length_of<T>(value: &T) -> libc::socklen_t {
    libc::socklen_t::try_from(size_of_val(value)).expect("socket structures are small")
}

fn check(outcome: libc::c_int) -> io::Result<libc::c_int> {
    if outcome < 0 { Err(io::Error::last_os_error()) } else { Ok(outcome) }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn a_connect_is_accepted_and_told() {
        let listener = listen(0).unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut poll = Poll::new().unwrap();
        poll.watch(&listener, 7).unwrap();
        let mut near = connect(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).unwrap();
        let mut tokens = Vec::new();
        poll.wait(&mut tokens, None).unwrap();
        assert_eq!(tokens, [7]);
        let mut far = accept(&listener).unwrap().expect("one waits");
        assert!(accept(&listener).unwrap().is_none());

        far.set_nonblocking(false).unwrap();
        near.write_all(b"ping").unwrap();
        let mut read = [0; 4];
        far.read_exact(&mut read).unwrap();
        assert_eq!(&read, b"ping");
        reset_on_close(&near).unwrap();
        drop(near);
        assert_eq!(far.read(&mut read).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }

    #[test]
    fn a_wait_with_nothing_to_tell_ends() {
        let mut tokens = vec![1];
        Poll::new().unwrap().wait(&mut tokens, Some(Duration::from_millis(1))).unwrap();
        assert!(tokens.is_empty());
    }

    #[test]
    fn clocks_of_processors_advance() {
        assert!(!cores().unwrap().is_empty());
        assert!(own_cpu().unwrap() > Duration::ZERO);
        assert!(cpu_of(std::process::id()).unwrap() > Duration::ZERO);
    }
}
