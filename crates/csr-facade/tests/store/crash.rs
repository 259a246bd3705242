//! No acknowledged write is lost if writers are killed or their server stops.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use csr_model::PrivateKeyAlgo;

use crate::backend::{Place, sqlite_place};
use crate::operations::{check_key, request};
use crate::postgres::{Server, binaries};
use crate::{Result, ensure, runtime};

fn kills() -> usize {
    std::env::var("CSR_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(5)
}

/// Up to half a second, by the clock's last digits.
fn random_moment() -> Duration {
    let nanoseconds = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().subsec_nanos();
    Duration::from_micros(20_000 + u64::from(nanoseconds / 7 % 480_000))
}

/// This program as a child process, which is killed when this value is dropped.
pub(crate) struct Writers(pub(crate) Child);

impl Writers {
    pub(crate) fn start(place: &Place, mode: &str, environment: &[(&str, &str)]) -> Result<Self> {
        let child = Command::new(std::env::current_exe()?)
            .args(["--child", &place.address])
            .arg(place.folder.path())
            .arg(mode)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self(child))
    }

    pub(crate) fn output(&mut self) -> Result<BufReader<ChildStdout>> {
        Ok(BufReader::new(self.0.stdout.take().ok_or("no output")?))
    }

    /// Whole lines as they arrive. A last line without an end is incomplete.
    fn lines(&mut self) -> Result<Receiver<String>> {
        let mut output = self.output()?;
        let (to, lines) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            while output.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
                if to.send(line.trim_end().to_owned()).is_err() {
                    return;
                }
                line.clear();
            }
        });
        Ok(lines)
    }

    /// SIGKILL.
    fn kill(&mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Writers {
    fn drop(&mut self) {
        // It may already have ended.
        let _ = self.kill();
    }
}

/// Every CSR exists, and its key opens and matches it.
async fn check_all(place: &Place, ids: &[String]) -> Result<()> {
    let service = place.service().await?;
    for id in ids {
        check_key(&service, id.parse()?).await.map_err(|error| format!("{id} was acknowledged: {error}"))?;
    }
    Ok(())
}

pub(crate) fn kill_writers() -> Result<()> {
    let place = sqlite_place()?;
    let mut acknowledged = Vec::new();
    for cycle in 0..kills() {
        let mut writers = Writers::start(&place, "write", &[])?;
        let lines = writers.lines()?;
        let mut ids = vec![lines.recv_timeout(Duration::from_secs(60))?];
        std::thread::sleep(random_moment());
        writers.kill()?;
        // Ends with the pipe.
        ids.extend(lines);
        runtime()?.block_on(check_all(&place, &ids)).map_err(|error| format!("kill {cycle}: {error}"))?;
        acknowledged.extend(ids);
    }
    report("kill -9", &acknowledged);
    runtime()?.block_on(check_all(&place, &acknowledged))
}

/// Killed anywhere in a rotation, it leaves no file with a present or former key: the next start
/// removes them. Perhaps no kill happens while such a file exists; the trial "temporary files of
/// keys are removed" of `sqlite_file` proves that they are removed.
pub(crate) fn kill_rotations() -> Result<()> {
    let place = sqlite_place()?;
    let id = runtime()?.block_on(async {
        let service = place.service().await?;
        let id = service.create(request(PrivateKeyAlgo::EcP256)).await?.id;
        Ok::<_, crate::Error>(id)
    })?;
    let mut left = 0;
    for cycle in 0..5 * kills() {
        let mut rotations = Writers::start(&place, "rotate", &[])?;
        let lines = rotations.lines()?;
        lines.recv_timeout(Duration::from_secs(60))?;
        std::thread::sleep(random_moment() / 10);
        rotations.kill()?;
        left += temporaries(&place)?.len();
        runtime()?.block_on(check_all(&place, std::slice::from_ref(&id)))?;
        let after = temporaries(&place)?;
        ensure!(after.is_empty(), "kill {cycle}: {after:?} are left");
    }
    println!("{} kill -9 of rotations: {left} temporary files were left and swept", 5 * kills());
    Ok(())
}

fn temporaries(place: &Place) -> Result<Vec<String>> {
    let names =
        std::fs::read_dir(place.folder.path())?.map(|entry| Ok(entry?.file_name().display().to_string()));
    let names: Vec<String> = names.collect::<Result<_>>()?;
    Ok(names.into_iter().filter(|name| name.ends_with(".tmp")).collect())
}

pub(crate) fn stop_server() -> Result<()> {
    let server = Server::start(&binaries().ok_or("PostgreSQL is not installed")?)?;
    let place = Place::new(tempfile::tempdir()?, server.url("postgres"));
    let mut acknowledged = Vec::new();
    for cycle in 0..kills() {
        let mut writers = Writers::start(&place, "write", &[])?;
        let lines = writers.lines()?;
        let mut ids = vec![lines.recv_timeout(Duration::from_secs(60))?];
        std::thread::sleep(random_moment());
        server.stop_immediately()?;
        // They have survived, but would write more than can be checked meanwhile.
        writers.kill()?;
        ids.extend(lines);
        server.start_again()?;
        runtime()?.block_on(check_all(&place, &ids)).map_err(|error| format!("stop {cycle}: {error}"))?;
        acknowledged.extend(ids);
    }
    ensure!(acknowledged.len() > kills(), "only {} were written", acknowledged.len());
    report("immediate stops", &acknowledged);
    runtime()?.block_on(check_all(&place, &acknowledged))
}

fn report(what: &str, acknowledged: &[String]) {
    println!("{} {what}: {} CSRs were acknowledged", kills(), acknowledged.len());
}
