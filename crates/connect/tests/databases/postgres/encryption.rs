//! Encrypted connections, against a server with a certificate of its own.

use super::*;
use std::path::Path;
use std::process::Command;

/// A server that encrypts, its certificate authority, and another one.
fn server() -> (Postgres, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let (own, other) = (authority(folder.path(), "own"), authority(folder.path(), "other"));
    let path = folder.path();
    openssl(path, "req -newkey rsa:2048 -nodes -keyout server.key -subj /CN=db.example -out server.csr");
    std::fs::write(path.join("names"), "subjectAltName=DNS:db.example").unwrap();
    openssl(
        path,
        "x509 -req -in server.csr -CA own.crt -CAkey own.key -CAcreateserial -days 2 -extfile names -out server.crt",
    );
    let server = Postgres::start().unwrap();
    let data = server.folder().join("data");
    std::fs::copy(path.join("server.crt"), data.join("server.crt")).unwrap();
    let key = std::fs::read_to_string(path.join("server.key")).unwrap();
    let sql = "ALTER SYSTEM SET ssl = on";
    install_key(&server, &key);
    assert!(server.psql(&["-c", sql, "-c", "SELECT pg_reload_conf()"]).unwrap().ok());
    (server, own, other)
}

/// The key must belong to the server's user: the server writes it itself.
fn install_key(server: &Postgres, key: &str) {
    let line = key.replace('\n', "\\n");
    let copy = format!("COPY (SELECT E'{line}') TO PROGRAM 'umask 077; printf \"%b\" \"$(cat)\" > server.key'");
    let ran = server.psql(&["-c", &copy]).unwrap();
    assert!(ran.ok(), "{}", ran.stderr);
}

fn authority(folder: &Path, name: &str) -> String {
    openssl(
        folder,
        &format!("req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -subj /CN={name} -days 2 -out {name}.crt"),
    );
    std::fs::read_to_string(folder.join(format!("{name}.crt"))).unwrap()
}

fn openssl(folder: &Path, arguments: &str) {
    let ran = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(ran.status.success(), "openssl {arguments}\n{}", String::from_utf8_lossy(&ran.stderr));
}

#[tokio::test]
async fn modes_demand_what_they_say() {
    let (server, own, other) = server();
    let port = server.port().to_string();
    let encrypted = async |options: &[(&str, &str)]| -> Result<Vec<String>> {
        let mut all = vec![("port", port.as_str())];
        all.extend(options);
        let connector = open(&all, &[("connect_timeout", "5s")]);
        let sql = "SELECT ssl::text AS c FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        read(&connector.native(sql).await?, "SELECT c FROM {}", one("c", DataType::Utf8)).await
    };
    until("the server encrypts", || async { encrypted(&[("sslmode", "require")]).await.is_ok() }).await;
    assert_eq!(encrypted(&[("sslmode", "disable")]).await.unwrap(), ["false"]);
    assert_eq!(encrypted(&[("sslmode", "prefer")]).await.unwrap(), ["true"]);
    assert_eq!(encrypted(&[("sslmode", "verify-ca"), ("sslrootcert", &own)]).await.unwrap(), ["true"]);
    for options in [
        vec![("sslmode", "verify-ca"), ("sslrootcert", other.as_str())],
        vec![("sslmode", "require"), ("sslrootcert", other.as_str())],
        vec![("sslmode", "verify-ca")],
        // The certificate is for db.example, not for the address.
        vec![("sslmode", "verify-full"), ("sslrootcert", own.as_str())],
    ] {
        let error = encrypted(&options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionFailed);
        assert!(error.detail().unwrap().contains("certificate"), "{error:?}");
    }
    // The shared server does not encrypt.
    let error = open(&[("sslmode", "require")], &[]).schemas().await.unwrap_err();
    assert!(error.detail().unwrap().contains("server does not support TLS"), "{error:?}");
}
