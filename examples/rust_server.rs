// HTTP/1.1 keep-alive server in plain Rust: a std::thread for each connection. GET /N answers with N letters, GET /count
// with the number of answers so far. Rust's locks are futexes by raw system calls: no pthread_mutex_t is in it.
//
//   rustc -O rust_server.rs
//   ./rust_server PORT                        PORT 0: any free port, printed
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{mpsc, Arc, Condvar, Mutex, RwLock};
use std::time::Duration;

const MOST: usize = 1 << 20;

struct Shared {
    bodies: RwLock<HashMap<usize, Arc<Vec<u8>>>>,
    count: Mutex<u64>,
    // How many connections there are.
    crowd: Mutex<i32>,
    empty: Condvar,
}

impl Shared {
    /// Bodies that were asked for before are kept.
    fn body(&self, size: usize) -> Arc<Vec<u8>> {
        if let Some(body) = self.bodies.read().unwrap().get(&size) {
            return body.clone();
        }
        let make = || Arc::new((0..size).map(|i| b'a' + (i % 26) as u8).collect());
        self.bodies.write().unwrap().entry(size).or_insert_with(make).clone()
    }

    fn counted(&self) -> u64 {
        let mut count = self.count.lock().unwrap();
        *count += 1;
        *count
    }
}

fn reply(mut stream: &TcpStream, status: &str, body: &[u8]) -> Result<()> {
    let mut out = format!("HTTP/1.1 {}\r\nContent-Length: {}\r\n\r\n", status, body.len()).into_bytes();
    out.extend_from_slice(body);
    stream.write_all(&out)
}

/// Answers requests until there are no more; an error ends the connection too.
fn serve(shared: &Shared, stream: &TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut request, mut line) = (String::new(), String::new());
        if reader.by_ref().take(8192).read_line(&mut request)? == 0 {
            return Ok(());
        }
        while line != "\r\n" {
            line.clear();
            if reader.by_ref().take(8192).read_line(&mut line)? == 0 {
                return Ok(());
            }
        }
        let path = request.strip_prefix("GET /").and_then(|rest| rest.split(' ').next());
        let number = shared.counted();
        match path.map(|p| (p, p.parse::<usize>())) {
            Some(("count", _)) => reply(stream, "200 OK", number.to_string().as_bytes())?,
            Some((_, Ok(size))) if size <= MOST => reply(stream, "200 OK", &shared.body(size))?,
            _ => return reply(stream, "400 Bad Request\r\nConnection: close", b"not a GET of a number"),
        }
    }
}

extern "C" {
    fn sigemptyset(set: *mut [u64; 16]) -> i32;
    fn sigaddset(set: *mut [u64; 16], number: i32) -> i32;
    fn sigwait(set: *const [u64; 16], number: *mut i32) -> i32;
    fn pthread_sigmask(how: i32, set: *const [u64; 16], old: *mut [u64; 16]) -> i32;
}

/// A thread that waits for SIGTERM and SIGINT and passes them on.
fn signals() -> mpsc::Receiver<i32> {
    let (sender, receiver) = mpsc::channel();
    let mut set = [0u64; 16];
    // SAFETY: sigset_t is 128 bytes here.
    unsafe {
        sigemptyset(&mut set);
        sigaddset(&mut set, 15);
        sigaddset(&mut set, 2);
        pthread_sigmask(0, &set, std::ptr::null_mut());
    }
    std::thread::spawn(move || {
        let mut number = 0;
        // SAFETY: as above.
        unsafe { sigwait(&set, &mut number) };
        sender.send(number).unwrap();
    });
    receiver
}

fn main() -> Result<()> {
    let stop = signals();
    let port = std::env::args().nth(1).and_then(|p| p.parse().ok()).unwrap_or(8080u16);
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    println!("listening on {}", listener.local_addr()?.port());
    let shared = Arc::new(Shared {
        bodies: RwLock::new(HashMap::new()),
        count: Mutex::new(0),
        crowd: Mutex::new(0),
        empty: Condvar::new(),
    });
    let all = shared.clone();
    std::thread::Builder::new().name("accept".into()).spawn(move || {
        for stream in listener.incoming().flatten() {
            let shared = all.clone();
            *shared.crowd.lock().unwrap() += 1;
            std::thread::spawn(move || {
                let _ = serve(&shared, &stream);
                drop(stream);
                let mut here = shared.crowd.lock().unwrap();
                *here -= 1;
                if *here == 0 {
                    shared.empty.notify_all();
                }
            });
        }
    })?;
    stop.recv().expect("a signal");
    let here = shared.crowd.lock().unwrap();
    let (here, _) = shared.empty.wait_timeout_while(here, Duration::from_millis(200), |n| *n > 0).unwrap();
    println!("{}", if *here == 0 { "empty" } else { "some left" });
    Ok(())
}
