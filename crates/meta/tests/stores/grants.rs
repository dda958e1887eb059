//! Roles, their members and their grants.

use crate::on_both;
use crate::place::Place;
use crate::rows::catalog;
use std::collections::HashSet;
use weft_core::{ErrorKind, Privilege, Privileges};
use weft_meta::{Dependents, GrantObject, GrantOption, Metastore, PUBLIC, Revoked, Role, Terms};

on_both!(grants_are_kept_and_taken_back, members_are_no_circle, what_a_role_owns_follows_its_name, a_superuser_is_left);

async fn with_roles(at: &Place, names: &[&str]) -> std::sync::Arc<Metastore> {
    let store = at.open().await;
    let weft = Role { superuser: true, login: true, ..Role::new("weft") };
    store.roles().create(&weft, &[], "weft").await.unwrap();
    for name in names {
        store.roles().create(&Role::new(*name), &[], "weft").await.unwrap();
    }
    store
}

async fn id(store: &Metastore, name: &str) -> uuid::Uuid {
    store.roles().get(name).await.unwrap().unwrap().id
}

fn select(roles: &[uuid::Uuid], object: &GrantObject) -> Terms {
    let privileges = Privileges::NONE.with(Privilege::Select);
    Terms { roles: roles.to_vec(), objects: vec![object.clone()], privileges }
}

/// Catches: a grant that is lost or doubled, a grant option that a second grant takes away, and one that is taken from who did not have it so.
async fn grants_are_kept_and_taken_back(at: Place) {
    let store = with_roles(&at, &["a", "b"]).await;
    let (a, b) = (id(&store, "a").await, id(&store, "b").await);
    let object = GrantObject { schema: "s".to_owned(), ..GrantObject::whole(uuid::Uuid::now_v7()) };
    let grants = store.grants();
    let all = async || store.grants().all().await.unwrap().grants;
    grants.grant(&select(&[a], &object), GrantOption::With, "x", "weft").await.unwrap();
    grants.grant(&select(&[a, PUBLIC], &object), GrantOption::Without, "x", "weft").await.unwrap();
    let kept = all().await;
    assert_eq!(kept.len(), 2);
    assert!(kept.iter().all(|g| g.grantable == (g.role == a) && g.object == object && g.grantor == "weft"));
    grants.grant(&select(&[b], &object), GrantOption::Without, "x", "a").await.unwrap();
    let nobody = HashSet::from(["b".to_owned()]);
    let (everything, restrict) = (Revoked::Everything, Dependents::Restrict);
    grants.revoke(&select(&[a], &object), everything, restrict, Some(&nobody), "x", "b").await.unwrap();
    assert_eq!(all().await.len(), 3);
    let refused = grants.revoke(&select(&[a], &object), everything, restrict, None, "x", "weft").await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::DependentObjects);
    grants.revoke(&select(&[a], &object), Revoked::Option, Dependents::Cascade, None, "x", "weft").await.unwrap();
    let kept = all().await;
    assert!(kept.len() == 2 && kept.iter().all(|g| !g.grantable && g.role != b), "{kept:?}");
    store.roles().drop(&["a".to_owned()], "weft").await.unwrap();
    assert_eq!(all().await.iter().map(|g| g.role).collect::<Vec<_>>(), [PUBLIC]);
    let gone = grants.grant(&select(&[a], &object), GrantOption::With, "x", "weft").await;
    assert_eq!(gone.unwrap_err().kind(), ErrorKind::UndefinedObject);
}

/// Catches: roles that are members of each other, which would make all who ask for what they may wait for ever.
async fn members_are_no_circle(at: Place) {
    let store = with_roles(&at, &["a", "b", "c"]).await;
    let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let join = async |role: &str, member: &str| {
        store.grants().join(&names(&[role]), &names(&[member]), GrantOption::Without, "weft").await
    };
    join("a", "b").await.unwrap();
    join("b", "c").await.unwrap();
    join("b", "c").await.unwrap();
    for (role, member) in [("c", "a"), ("b", "a"), ("a", "a")] {
        assert_eq!(join(role, member).await.unwrap_err().kind(), ErrorKind::InvalidGrantOperation);
    }
    assert_eq!(join("nobody", "a").await.unwrap_err().kind(), ErrorKind::UndefinedObject);
    let members = async || store.grants().all().await.unwrap().members;
    assert_eq!(members().await.len(), 2);
    store.grants().join(&names(&["a"]), &names(&["b"]), GrantOption::With, "weft").await.unwrap();
    assert_eq!(members().await.iter().filter(|m| m.admin).count(), 1);
    let part = async |what| store.grants().part(&names(&["a"]), &names(&["b", "c"]), what, "weft").await.unwrap();
    assert_eq!(part(Revoked::Option).await, [("a".to_owned(), "c".to_owned())]);
    assert_eq!(members().await.iter().filter(|m| m.admin).count(), 0);
    assert_eq!(part(Revoked::Everything).await.len(), 1);
    assert_eq!(members().await.len(), 1);
    store.roles().drop(&names(&["c", "b"]), "weft").await.unwrap();
    assert_eq!(members().await, []);
}

/// Catches: something that nobody owns, or that somebody else owns who took over a name.
async fn what_a_role_owns_follows_its_name(at: Place) {
    let store = with_roles(&at, &["a", "b"]).await;
    let mut new = catalog("c");
    new.owner = "a".to_owned();
    store.catalogs().create(&new).await.unwrap();
    let refused = store.roles().drop(&["a".to_owned()], "weft").await.unwrap_err();
    assert_eq!((refused.kind(), refused.detail()), (ErrorKind::DependentObjects, Some("owner of catalog c")));
    let taken = store.roles().alter("a", "weft", |role| role.name = "b".to_owned()).await;
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::DuplicateObject);
    store.roles().alter("a", "weft", |role| role.name = "z".to_owned()).await.unwrap();
    let owner = async || store.catalogs().list().await.unwrap()[0].owner.clone();
    assert_eq!(owner().await, "z");
    store.roles().reassign("z", "b", "weft").await.unwrap();
    assert_eq!(owner().await, "b");
    store.roles().drop(&["z".to_owned()], "weft").await.unwrap();
    // What was dropped must not be another one's when it comes back.
    store.catalogs().drop(&store.catalogs().list().await.unwrap()[0], "weft").await.unwrap();
    store.roles().drop(&["b".to_owned()], "weft").await.unwrap();
    assert_eq!(store.catalogs().dropped("c").await.unwrap().unwrap().owner, "weft");
}

/// Catches: a store that nobody can administer any more.
async fn a_superuser_is_left(at: Place) {
    let store = with_roles(&at, &["a"]).await;
    let kind = |outcome: weft_core::Result<()>| outcome.map_err(|e| e.kind());
    let refused = Err(ErrorKind::ObjectNotInPrerequisiteState);
    assert_eq!(kind(store.roles().alter("weft", "weft", |role| role.superuser = false).await), refused);
    assert_eq!(kind(store.roles().alter("weft", "weft", |role| role.login = false).await), refused);
    assert_eq!(kind(store.roles().drop(&["weft".to_owned()], "a").await), refused);
    let promote = |role: &mut Role| (role.superuser, role.login) = (true, true);
    store.roles().alter("a", "weft", promote).await.unwrap();
    store.roles().drop(&["weft".to_owned()], "a").await.unwrap();
    assert_eq!(store.roles().list().await.unwrap().len(), 1);
}
