//! A database that misbehaves: a relay on the loopback between the binary and PostgreSQL which can refuse connections, answer
//! slowly, and cut a connection before COMMIT reaches the server or before its answer reaches the binary.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// More than the longest statement of a transaction that is cut.
const PIECE_MAX: usize = 256 * 1024;

/// What becomes of connections.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mode {
    Pass,
    /// Every answer of the server waits for so long.
    Slow(Duration),
    /// The first connection on which this text was sent is cut at its next COMMIT.
    Cut(Cut, &'static str),
}

/// Where a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// COMMIT does not reach the server.
    BeforeCommit,
    /// The server has committed; its answer does not reach the caller.
    AfterCommit,
}

/// A relay to a PostgreSQL server. It ends when it is dropped.
pub struct Proxy {
    /// The database behind the relay.
    pub url: String,
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Mutex<Option<JoinHandle<()>>>,
    runtime: Runtime,
}

struct Shared {
    server: Place,
    mode: Mutex<Mode>,
    /// Connections end when it changes.
    ends: watch::Sender<()>,
}

enum Place {
    Tcp(String, u16),
    Unix(PathBuf),
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Proxy {
    /// A relay to the database of this URL.
    ///
    /// # Panics
    ///
    /// Where the URL is none of PostgreSQL's, or the loopback gives no port.
    #[must_use]
    pub fn to(url: &str) -> Self {
        let options = PgConnectOptions::from_str(url).expect("a URL of PostgreSQL");
        let server = match options.get_socket() {
            Some(folder) => Place::Unix(folder.join(format!(".s.PGSQL.{}", options.get_port()))),
            None => Place::Tcp(options.get_host().to_owned(), options.get_port()),
        };
        let listener = StdListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let database = options.get_database().unwrap_or("postgres");
        let who = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map_or("", |(who, _)| who);
        let shared = Shared { server, mode: Mutex::new(Mode::Pass), ends: watch::channel(()).0 };
        let proxy = Self {
            url: format!("postgres://{who}@{address}/{database}"),
            address,
            shared: Arc::new(shared),
            accepting: Mutex::default(),
            runtime: runtime.expect("a runtime starts"),
        };
        proxy.accept(listener);
        proxy
    }

    /// Connects whoever asks, and ends nobody's connection any more.
    ///
    /// # Panics
    ///
    /// Where somebody else has taken the port meanwhile.
    pub fn pass(&self) {
        self.set(Mode::Pass);
        if lock(&self.accepting).is_none() {
            self.accept(StdListener::bind(self.address).expect("the port is still free"));
        }
    }

    /// Ends all connections and refuses others.
    pub fn refuse(&self) {
        if let Some(accepting) = lock(&self.accepting).take() {
            accepting.abort();
            // The listener is closed when its task has ended.
            let _ = self.runtime.block_on(accepting);
        }
        self.shared.ends.send_replace(());
    }

    /// Every answer of the server waits for so long.
    pub fn slow(&self, pause: Duration) {
        self.set(Mode::Slow(pause));
    }

    /// Ends all connections; then cuts the first one on which a statement with this text was sent, at its next COMMIT. Statements are
    /// sent in full on a connection that is new.
    pub fn cut(&self, cut: Cut, statement: &'static str) {
        self.set(Mode::Cut(cut, statement));
        self.shared.ends.send_replace(());
    }

    /// Whether the connection that was to be cut has been.
    #[must_use]
    pub fn has_cut(&self) -> bool {
        *lock(&self.shared.mode) == Mode::Pass
    }

    fn set(&self, mode: Mode) {
        *lock(&self.shared.mode) = mode;
    }

    fn accept(&self, listener: StdListener) {
        listener.set_nonblocking(true).expect("a listener may wait");
        let shared = Arc::clone(&self.shared);
        let task = self.runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("a listener");
            while let Ok((caller, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    let ends = shared.ends.subscribe();
                    // A connection that fails ends, as any does.
                    let _ = shared.relay(caller, ends).await;
                });
            }
        });
        *lock(&self.accepting) = Some(task);
    }
}

impl Shared {
    async fn relay(&self, mut caller: TcpStream, mut ends: watch::Receiver<()>) -> std::io::Result<()> {
        let mut server: Box<dyn Stream> = match &self.server {
            Place::Tcp(host, port) => Box::new(TcpStream::connect((host.as_str(), *port)).await?),
            Place::Unix(socket) => Box::new(UnixStream::connect(socket).await?),
        };
        caller.set_nodelay(true)?;
        let (mut from_caller, mut from_server) = (vec![0; PIECE_MAX], vec![0; PIECE_MAX]);
        let mut was_sent = false;
        loop {
            tokio::select! {
                _ = ends.changed() => return Ok(()),
                read = caller.read(&mut from_caller) => {
                    let piece = &from_caller[..read?];
                    if piece.is_empty() {
                        return Ok(());
                    }
                    match self.cut_at(piece, &mut was_sent) {
                        Some(Cut::BeforeCommit) => return Ok(()),
                        Some(Cut::AfterCommit) => {
                            server.write_all(piece).await?;
                            let _answer = server.read(&mut from_server).await?;
                            return Ok(());
                        }
                        None => server.write_all(piece).await?,
                    }
                }
                read = server.read(&mut from_server) => {
                    let piece = &from_server[..read?];
                    if piece.is_empty() {
                        return Ok(());
                    }
                    let pause = match &*lock(&self.mode) {
                        Mode::Slow(pause) => Some(*pause),
                        Mode::Pass | Mode::Cut(..) => None,
                    };
                    if let Some(pause) = pause {
                        tokio::time::sleep(pause).await;
                    }
                    caller.write_all(piece).await?;
                }
            }
        }
    }

    /// Where the connection is to be cut now. It happens once.
    fn cut_at(&self, piece: &[u8], was_sent: &mut bool) -> Option<Cut> {
        let mut mode = lock(&self.mode);
        let Mode::Cut(cut, statement) = &*mode else { return None };
        let cut = *cut;
        let holds = |text: &str| piece.windows(text.len()).any(|part| part == text.as_bytes());
        *was_sent = *was_sent || holds(statement);
        if !*was_sent || !holds("COMMIT") {
            return None;
        }
        *mode = Mode::Pass;
        Some(cut)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
