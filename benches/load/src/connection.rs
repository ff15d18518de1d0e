//! One keep-alive connection: a request, its answer, the next request.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use keeptrail_clock::Clock;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{Failure, answer};

/// What all connections share.
pub(crate) struct Run {
    pub(crate) requests: Vec<Vec<u8>>,
    pub(crate) value: String,
    pub(crate) clock: Clock,
    pub(crate) measuring: Cell<bool>,
    pub(crate) over: Cell<bool>,
    pub(crate) latencies: RefCell<Vec<Duration>>,
}

/// Sends requests until the run is over. An answer that is not the secret ends the run with an error.
pub(crate) async fn drive(run: Rc<Run>, address: String, number: usize) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut received = Vec::with_capacity(8 * 1024);
    let mut checked = false;
    // Connections begin at different secrets.
    for request in run.requests.iter().cycle().skip(number) {
        if run.over.get() {
            break;
        }
        let sent = run.clock.monotonic();
        stream.write_all(request).await?;
        received.clear();
        while !answer::is_whole(&received)? {
            if stream.read_buf(&mut received).await? == 0 {
                return Err("the server closed the connection".into());
            }
        }
        if run.measuring.get() {
            run.latencies.borrow_mut().push(run.clock.monotonic().saturating_sub(sent));
        }
        if !checked {
            if memchr::memmem::find(&received, run.value.as_bytes()).is_none() {
                return Err("the answer does not hold the secret's value".into());
            }
            checked = true;
        }
    }
    Ok(())
}
