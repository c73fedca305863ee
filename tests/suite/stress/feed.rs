//! A feed on a loopback port that says what it was last told to say.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use engine::feed::simulator::Market;
use engine::model::{Day, Symbol};

use crate::textbook::world::payload;

/// Payloads by symbol and day; days that are not in it have no candles.
type Said = BTreeMap<(Symbol, Day), String>;

pub struct Feed {
    port: u16,
    said: Arc<Mutex<Said>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Feed {
    pub fn start() -> Feed {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (said, stop) = (Arc::<Mutex<Said>>::default(), Arc::new(AtomicBool::new(false)));
        let (answers, stopped) = (said.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(SeqCst) {
                    return;
                }
                // A client that was killed has hung up: that is its affair.
                answer(stream, &answers).ok();
            }
        });
        Feed { port, said, stop, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// From now on.
    pub fn says(&self, said: Said) {
        *self.said.lock().expect("a sound lock") = said;
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        self.thread.take().map(JoinHandle::join);
    }
}

fn answer(mut stream: TcpStream, said: &Mutex<Said>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut piece = [0; 2048];
        match stream.read(&mut piece)? {
            0 => return Ok(()),
            n => head.extend_from_slice(&piece[..n]),
        }
    }
    let head = String::from_utf8_lossy(&head);
    let path = head.split(' ').nth(1).unwrap_or_default().trim_start_matches("/v1").to_owned();
    let (status, body) = body_of(&path, said).map_or((404, String::new()), |body| (200, body));
    let length = body.len();
    write!(stream, "HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

fn body_of(path: &str, said: &Mutex<Said>) -> Option<String> {
    if let Some(symbol) = path.strip_prefix("/instruments/") {
        return Some(Market::new(0).instrument(&symbol.parse().ok()?).to_string());
    }
    let (symbol, asked) = path.strip_prefix("/candles/minute/")?.split_once("/BID")?;
    let day = match asked.strip_prefix("?from=") {
        Some(from_ms) => Day::of_ms(from_ms.parse().ok()?),
        None => {
            let parts: Vec<i32> = asked.split('/').filter_map(|part| part.parse().ok()).collect();
            let [year, month, day] = parts[..] else { return None };
            Day::from_yyyymmdd(year * 10_000 + month * 100 + day)?
        }
    };
    let known = said.lock().expect("a sound lock").get(&(symbol.parse().ok()?, day)).cloned();
    Some(known.unwrap_or_else(|| payload(day, &[])))
}
