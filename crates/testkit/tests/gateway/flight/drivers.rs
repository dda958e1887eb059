//! Drivers that people use: ADBC's for Python, run by `tests/clients/adbc.py`.

use super::client::site;
use crate::files::{reads, samples};
use crate::{python, test};
use libtest_mimic::Trial;
use weft_testkit::Weft;
use weft_testkit::redis::Certificates;

pub fn trials() -> Vec<Trial> {
    vec![test("flight::adbc", adbc), test("flight::adbc_under_tls", adbc_under_tls)]
}

fn run(weft: &Weft, uri: &str, more: &[&str]) {
    let mut args = vec![uri, &weft.endpoint.user, &weft.endpoint.password];
    args.extend(more);
    let ran = python::run("tests/clients/adbc.py", &args);
    assert!(ran.ok(), "{}{}\n{}", ran.stdout, ran.stderr, weft.log());
}

/// Catches: what the driver does and the gateway does not understand.
async fn adbc() {
    let weft = site().await;
    run(&weft, &format!("grpc://127.0.0.1:{}", weft.flight_port().unwrap()), &["--catalog", "ny"]);
}

/// Catches: TLS that the driver does not take.
async fn adbc_under_tls() {
    let made = Certificates::make().unwrap();
    let file = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
    let (certificate, key, authority) = (file(made.certificate()), file(made.key()), file(made.authority()));
    let weft =
        reads(&[&samples()]).setting("tls", "required").setting("tls_cert", &certificate).setting("tls_key", &key);
    let weft = weft.setting("auth", "scram").start().unwrap();
    run(
        &weft,
        &format!("grpc+tls://localhost:{}", weft.flight_port().unwrap()),
        &["--tls", &authority, "--only", "query"],
    );
}
