//! Secrets at rest: what the files hold, which keys open them, and what a crash in a change of keys leaves.

use crate::on_both;
use crate::place::Place;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use weft_core::{ErrorKind, Secret};
use weft_meta::{Availability, CatalogDefinition, NewCatalog, NewSecret};

on_both!(
    values_are_encrypted_and_come_back,
    a_secret_in_use_stays,
    a_value_that_was_moved_does_not_open,
    a_key_that_opens_nothing_is_refused,
    keys_change_while_secrets_are_used,
    a_change_of_keys_that_fails_changes_nothing,
);

/// All bytes of the folder's files, save the key.
fn contains(at: &Place, text: &str) -> bool {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(at.folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        if !path.display().to_string().contains("master-key") {
            all.extend(std::fs::read(path).expect("read"));
        }
    }
    all.windows(text.len()).any(|w| w == text.as_bytes())
}

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, Secret> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect()
}

fn secret(name: &str, value: &str) -> NewSecret {
    NewSecret {
        name: name.to_owned(),
        kind: "s3".to_owned(),
        values: values(&[("key", value), ("id", "AKIA")]),
        owner: "weft".to_owned(),
    }
}

fn catalog(name: &str, secret: Option<&str>, own: &[(&str, &str)]) -> NewCatalog {
    NewCatalog {
        kind: "s3".to_owned(),
        definition: CatalogDefinition {
            name: name.to_owned(),
            options: BTreeMap::from([("bucket".to_owned(), "b".to_owned())]),
            secret: secret.map(str::to_owned),
            with: BTreeMap::new(),
            availability: Availability::Enabled,
        },
        secrets: values(own),
        owner: "weft".to_owned(),
    }
}

fn keys(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path).expect("a key file").lines().map(str::to_owned).collect()
}

async fn values_are_encrypted_and_come_back(at: Place) {
    let store = at.open().await;
    assert_eq!(std::fs::metadata(at.key()).expect("there").permissions().mode() & 0o777, 0o600);
    store.secrets().create(&secret("s", "gEhEiM-named")).await.expect("created");
    assert_eq!(store.secrets().create(&secret("s", "x")).await.unwrap_err().kind(), ErrorKind::DuplicateObject);
    let record =
        store.catalogs().create(&catalog("c", Some("s"), &[("password", "gEhEiM-own")])).await.expect("created");
    assert_eq!(record.secret_options, ["password"]);
    store.close().await;

    let store = at.open().await;
    assert_eq!(store.catalogs().list().await.expect("listed"), std::slice::from_ref(&record));
    let own = store.catalogs().secrets(record.id).await.expect("opened");
    assert_eq!(own, values(&[("password", "gEhEiM-own")]));
    let (kind, named) = store.secrets().values("s").await.expect("opened").expect("there");
    assert_eq!((kind.as_str(), named), ("s3", values(&[("key", "gEhEiM-named"), ("id", "AKIA")])));
    assert!(store.secrets().values("none").await.expect("read").is_none());
    let listed = store.secrets().list().await.expect("listed");
    assert_eq!((listed[0].options.join(" "), listed[0].used_by.join(" ")), ("id key".to_owned(), "c".to_owned()));
    assert!(!contains(&at, "gEhEiM") && !contains(&at, "AKIA"));

    // A changed option leaves nothing of the one before.
    let other = values(&[("token", "gEhEiM-2")]);
    let after =
        store.catalogs().update(&record, record.definition.clone(), Some(&other), "weft").await.expect("changed");
    assert_eq!(after.secret_options, ["token"]);
    assert_eq!(store.catalogs().secrets(record.id).await.expect("opened"), other);
}

async fn a_secret_in_use_stays(at: Place) {
    let store = at.open().await;
    let orphan = store.catalogs().create(&catalog("c", Some("s"), &[])).await.unwrap_err();
    assert_eq!((orphan.kind(), orphan.message()), (ErrorKind::UndefinedObject, "secret \"s\" does not exist"));
    store.secrets().create(&secret("s", "x")).await.expect("created");
    let record = store.catalogs().create(&catalog("c", Some("s"), &[])).await.expect("created");
    store.catalogs().create(&catalog("b", Some("s"), &[])).await.expect("created");
    let refused = store.secrets().drop("s", "weft").await.unwrap_err();
    assert_eq!((refused.kind(), refused.detail()), (ErrorKind::ObjectInUse, Some("Catalogs that use it: b, c.")));
    for one in store.catalogs().list().await.expect("listed") {
        store.catalogs().drop(&one, "weft").await.expect("dropped");
    }
    store.secrets().drop("s", "weft").await.expect("dropped");
    assert_eq!(store.secrets().drop("s", "weft").await.unwrap_err().kind(), ErrorKind::UndefinedObject);
    // The catalog cannot come back without it.
    let dropped = store.catalogs().dropped("c").await.expect("read").expect("there");
    assert_eq!(dropped.id, record.id);
    assert_eq!(store.catalogs().undrop(&dropped, "weft").await.unwrap_err().kind(), ErrorKind::UndefinedObject);
}

async fn a_value_that_was_moved_does_not_open(at: Place) {
    let store = at.open().await;
    store.secrets().create(&secret("s", "x")).await.expect("created");
    let record = store.catalogs().create(&catalog("c", None, &[("password", "p")])).await.expect("created");
    at.run(
        "UPDATE secret_values SET (nonce, ciphertext) = \
         (SELECT nonce, ciphertext FROM secret_values WHERE name = 'key') WHERE name = 'password'",
    )
    .await;
    let error = store.catalogs().secrets(record.id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DataCorrupted);
    // Another object is not touched by it.
    assert!(store.secrets().values("s").await.expect("opened").is_some());
}

async fn a_key_that_opens_nothing_is_refused(at: Place) {
    let store = at.open().await;
    let kept = std::fs::read(at.key()).expect("a key");
    // While there are no secrets, a key can be lost.
    store.close().await;
    std::fs::remove_file(at.key()).expect("removed");
    let store = at.open().await;
    assert_ne!(std::fs::read(at.key()).expect("a key"), kept);
    store.secrets().create(&secret("s", "x")).await.expect("created");
    store.close().await;

    let right = std::fs::read(at.key()).expect("a key");
    std::fs::write(at.key(), &kept).expect("written");
    let error = at.try_open().await.err().expect("another key");
    assert_eq!(error.kind(), ErrorKind::ObjectNotInPrerequisiteState);
    assert!(error.message().ends_with("is not the one of this metastore"), "{error:?}");
    std::fs::remove_file(at.key()).expect("removed");
    let error = at.try_open().await.err().expect("no key");
    assert!(error.message().ends_with("is missing"), "{error:?}");
    assert!(!at.key().exists(), "a key was made that opens nothing");
    std::fs::write(at.key(), &right[1..]).expect("written");
    std::fs::set_permissions(at.key(), PermissionsExt::from_mode(0o600)).expect("private");
    assert!(at.try_open().await.err().expect("a short key").message().ends_with("is damaged"));
    std::fs::write(at.key(), &right).expect("written");
    std::fs::set_permissions(at.key(), PermissionsExt::from_mode(0o644)).expect("public");
    assert!(at.try_open().await.err().expect("a public key").message().ends_with("is not private"));
    std::fs::set_permissions(at.key(), PermissionsExt::from_mode(0o600)).expect("private");
    assert!(at.open().await.secrets().values("s").await.expect("opened").is_some());
}

async fn keys_change_while_secrets_are_used(at: Place) {
    let store = at.open().await;
    for i in 0..20 {
        store.secrets().create(&secret(&format!("s{i}"), "x")).await.expect("created");
    }
    let first = keys(&at.key());
    let dropped = store.catalogs().create(&catalog("c", None, &[("password", "p")])).await.expect("created");
    store.catalogs().drop(&dropped, "weft").await.expect("dropped");
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            for i in 20..60 {
                store.secrets().create(&secret(&format!("s{i}"), "x")).await.expect("created");
                assert!(store.secrets().values(&format!("s{}", i - 20)).await.expect("opened").is_some());
            }
        })
    };
    for _ in 0..3 {
        assert!(store.rotate_key().await.expect("rotated") >= 41);
    }
    writer.await.expect("joined");
    let last = keys(&at.key());
    assert_eq!(last.len(), 1);
    assert_ne!(last, first);
    store.close().await;
    let store = at.open().await;
    for i in 0..60 {
        assert!(store.secrets().values(&format!("s{i}")).await.expect("opened").is_some());
    }
    // A dropped catalog still has its password when it comes back.
    assert_eq!(store.catalogs().secrets(dropped.id).await.expect("opened"), values(&[("password", "p")]));
}

/// The three moments at which a crash can leave the files: before, between and after the transaction.
#[tokio::test]
async fn a_crash_in_a_change_of_keys_loses_nothing() {
    let at = Place::sqlite();
    let store = at.open().await;
    store.secrets().create(&secret("s", "x")).await.expect("created");
    let old = keys(&at.key());
    store.rotate_key().await.expect("rotated");
    let new = keys(&at.key());
    store.close().await;
    let other = Place::sqlite();
    other.open().await.close().await;
    let unused = keys(&other.key());
    for (moment, written) in [
        ("the new key is in the file, the values are under the old one", [&unused[..], &new[..]].concat()),
        ("the values are under the new key, the old one is still in the file", [&new[..], &old[..]].concat()),
    ] {
        let before = std::fs::read(at.database()).expect("read");
        std::fs::write(at.key(), written.join("\n")).expect("written");
        let store = at.open().await;
        assert!(store.secrets().values("s").await.expect("opened").is_some(), "{moment}");
        assert_eq!(keys(&at.key()), written[..1], "{moment}");
        store.close().await;
        // The next moment begins where this one did.
        std::fs::write(at.database(), before).expect("written back");
    }
    // A draft that was never renamed is not read, and does not disturb.
    std::fs::write(at.key(), new.join("\n")).expect("written");
    std::fs::write(at.folder.path().join("master-key.new"), "half").expect("written");
    let store = at.open().await;
    store.rotate_key().await.expect("rotated");
    assert!(store.secrets().values("s").await.expect("opened").is_some());
    assert!(!at.folder.path().join("master-key.new").exists());
}

async fn a_change_of_keys_that_fails_changes_nothing(at: Place) {
    let store = at.open().await;
    store.secrets().create(&secret("s", "x")).await.expect("created");
    let before = keys(&at.key());
    // The draft cannot be made: a folder has its name.
    let draft = at.folder.path().join("master-key.new");
    std::fs::create_dir(&draft).expect("a folder");
    assert_eq!(store.rotate_key().await.unwrap_err().kind(), ErrorKind::IoError);
    assert_eq!(keys(&at.key()), before);
    assert!(store.secrets().values("s").await.expect("opened").is_some());
    std::fs::remove_dir(&draft).expect("removed");

    // A value that does not open: the transaction fails after the new key has joined the file.
    store.secrets().create(&secret("broken", "x")).await.expect("created");
    let broken = "FROM secrets WHERE name = 'broken'";
    let damage = format!("UPDATE secret_values SET ciphertext = bytes'00' WHERE object_id = (SELECT id {broken})");
    at.run(&damage).await;
    for _ in 0..2 {
        assert_eq!(store.rotate_key().await.unwrap_err().kind(), ErrorKind::DataCorrupted);
        assert!(store.secrets().values("s").await.expect("opened").is_some());
        // On a server, another gateway may be using the key that was to be in force.
        let most = if at.server.is_some() { 3 } else { 2 };
        assert!((2..=most).contains(&keys(&at.key()).len()));
    }
    store.secrets().create(&secret("later", "x")).await.expect("created");
    store.secrets().drop("broken", "weft").await.expect("dropped");
    store.rotate_key().await.expect("rotated");
    assert_eq!(keys(&at.key()).len(), 1);
    store.close().await;
    assert!(at.open().await.secrets().values("later").await.expect("opened").is_some());
}
