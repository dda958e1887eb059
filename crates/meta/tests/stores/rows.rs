//! Roles, catalogs, schedules and jobs, on either database.

use crate::on_both;
use crate::place::Place;
use chrono::{TimeDelta, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;
use weft_core::ErrorKind;
use weft_meta::{
    Availability, CatalogDefinition, JobState, Moment, NewCatalog, NewJob, Pause, Role, ScheduleRecord, TakenOver,
};

on_both!(
    rows_survive_a_reopening_and_names_are_free_after_a_drop,
    what_was_dropped_comes_back,
    of_two_changes_at_once_one_is_told,
    schedules_run_once,
    jobs_end_and_are_forgotten
);

pub fn catalog(name: &str) -> NewCatalog {
    NewCatalog {
        kind: "file".to_owned(),
        definition: CatalogDefinition {
            name: name.to_owned(),
            options: BTreeMap::from([("path".to_owned(), "/data".to_owned())]),
            secret: None,
            with: BTreeMap::new(),
            availability: Availability::Enabled,
        },
        secrets: BTreeMap::new(),
        owner: "weft".to_owned(),
    }
}

async fn rows_survive_a_reopening_and_names_are_free_after_a_drop(at: Place) {
    let store = at.open().await;
    let first = store.catalogs().create(&catalog("a")).await.expect("created");
    assert_eq!(store.catalogs().create(&catalog("a")).await.unwrap_err().kind(), ErrorKind::DuplicateCatalog);
    let role = Role { verifier: Some("SCRAM…".to_owned()), superuser: true, login: true, ..Role::new("weft") };
    store.roles().create(&role, &[], "weft").await.expect("created");
    assert_eq!(store.roles().create(&role, &[], "weft").await.unwrap_err().kind(), ErrorKind::DuplicateObject);
    store.close().await;

    let store = at.open().await;
    assert_eq!(store.catalogs().list().await.expect("listed"), std::slice::from_ref(&first));
    store.catalogs().drop(&first, "weft").await.expect("dropped");
    assert_eq!(store.catalogs().drop(&first, "weft").await.unwrap_err().kind(), ErrorKind::ObjectInUse);
    let second = store.catalogs().create(&catalog("a")).await.expect("created again");
    assert_ne!(second.id, first.id);
    let role = store.roles().get("weft").await.expect("read").expect("there");
    assert!(!format!("{role:?}").contains("SCRAM"));
    store.roles().alter("weft", "weft", |role| role.verifier = None).await.expect("changed");
    assert_eq!(store.roles().get("weft").await.expect("read").expect("there").verifier, None);
}

async fn what_was_dropped_comes_back(at: Place) {
    let store = at.open().await;
    let catalogs = store.catalogs();
    assert_eq!(catalogs.dropped("a").await.expect("read"), None);
    let first = catalogs.create(&catalog("a")).await.expect("created");
    catalogs.drop(&first, "weft").await.expect("dropped");
    let second = catalogs.create(&catalog("a")).await.expect("created");
    let dropped = catalogs.dropped("a").await.expect("read").expect("there");
    assert_eq!(dropped, first);
    assert_eq!(catalogs.undrop(&dropped, "weft").await.unwrap_err().kind(), ErrorKind::DuplicateCatalog);
    catalogs.drop(&second, "weft").await.expect("dropped");
    // The last one of that name.
    let dropped = catalogs.dropped("a").await.expect("read").expect("there");
    assert_eq!(dropped.id, second.id);
    let back = catalogs.undrop(&dropped, "weft").await.expect("undropped");
    assert_eq!(catalogs.list().await.expect("listed"), [back]);
}

async fn of_two_changes_at_once_one_is_told(at: Place) {
    let store = at.open().await;
    let catalogs = store.catalogs();
    let read = catalogs.create(&catalog("a")).await.expect("created");
    catalogs.create(&catalog("taken")).await.expect("created");
    let renamed = |name: &str| CatalogDefinition { name: name.to_owned(), ..read.definition.clone() };
    let after = catalogs.update(&read, renamed("b"), None, "weft").await.expect("renamed");
    assert_eq!((after.id, after.definition.name.as_str()), (read.id, "b"));
    assert_eq!(catalogs.update(&read, renamed("c"), None, "weft").await.unwrap_err().kind(), ErrorKind::ObjectInUse);
    assert_eq!(
        catalogs.update(&after, renamed("taken"), None, "weft").await.unwrap_err().kind(),
        ErrorKind::DuplicateCatalog
    );
    let off = CatalogDefinition { availability: Availability::Disabled, ..after.definition.clone() };
    let off = catalogs.update(&after, off, None, "weft").await.expect("disabled");
    assert!(catalogs.list().await.expect("listed").contains(&off));
}

async fn schedules_run_once(at: Place) {
    let (one, two) = (at.open().await, at.open().await);
    // With more digits than PostgreSQL keeps.
    let due = Utc::now() + TimeDelta::nanoseconds(1);
    let schedule = ScheduleRecord {
        name: "s".to_owned(),
        cron: "* * * * *".to_owned(),
        time_zone: "UTC".to_owned(),
        statement: "SCAN CATALOG c".to_owned(),
        owner: "weft".to_owned(),
        paused: Pause::No,
        next_run_at: Some(due),
        last_run_at: None,
        last_outcome: None,
        created_at: Utc::now(),
    };
    one.schedules().create(&schedule).await.expect("created");
    assert_eq!(two.schedules().create(&schedule).await.unwrap_err().kind(), ErrorKind::DuplicateObject);
    let (first, second) =
        (one.schedules().list().await.expect("listed"), two.schedules().list().await.expect("listed"));
    assert_eq!(first, second);
    let next = first[0].next_run_at.map(|t| t + TimeDelta::seconds(60));
    let (one_ran, two_ran) =
        (one.schedules().claim(&first[0], next).await.unwrap(), two.schedules().claim(&second[0], next).await.unwrap());
    assert!(one_ran && !two_ran);
    one.schedules().ran("s", "succeeded").await.expect("stored");
    let after = two.schedules().list().await.expect("listed").remove(0);
    assert_eq!((after.next_run_at, after.last_outcome.as_deref()), (next, Some("succeeded")));
    two.schedules().pause("s", Pause::Yes, None, "weft").await.expect("paused");
    assert!(!one.schedules().claim(&after, next).await.expect("asked"));
    two.schedules().drop("s", "weft").await.expect("dropped");
    assert_eq!(one.schedules().drop("s", "weft").await.unwrap_err().kind(), ErrorKind::UndefinedObject);
}

async fn jobs_end_and_are_forgotten(at: Place) {
    let store = at.open().await;
    let gateway = Uuid::now_v7();
    let new = NewJob { kind: "scan", statement: "SCAN CATALOG c", catalog: Some("c"), owner: "weft" };
    let mut last = None;
    for _ in 0..4 {
        let id = store.jobs().begin(new, gateway, 2).await.expect("begun");
        let error = weft_core::Error::new(ErrorKind::ConnectionFailed, "away");
        store.jobs().end(id, JobState::Failed, 3, Some(5), Some(&error)).await.expect("ended");
        // It has ended already.
        store.jobs().end(id, JobState::Succeeded, 5, Some(5), None).await.expect("asked");
        last = Some(id);
    }
    let left = store.jobs().list().await.expect("listed");
    // When the last one began there was room for three.
    assert_eq!(left.len(), 4);
    let job = store.jobs().get(last.expect("a job")).await.expect("read").expect("there");
    assert_eq!((&left[0], job.state, job.done, job.total), (&job, JobState::Failed, 3, Some(5)));
    assert_eq!(job.error, Some(("08001".to_owned(), "away".to_owned())));
    let running = store.jobs().begin(new, gateway, 2).await.expect("begun");
    let state = async |id| store.jobs().get(id).await.expect("read").expect("there").state;
    let other = Uuid::now_v7();
    // A file has one gateway at a time.
    let third = if at.server.is_some() { Uuid::now_v7() } else { other };
    store.gateways().enter(gateway, "a").await.expect("entered");
    store.gateways().beat(other, "b").await.expect("seen");
    store.gateways().beat(third, "c").await.expect("seen");
    let take = async |by, moment| store.jobs().take_over(by, moment, &["scan"]).await.expect("asked");
    // It runs: neither it nor another one takes it.
    assert_eq!(take(gateway, Moment::Later).await, TakenOver::default());
    assert_eq!(take(other, Moment::Later).await, TakenOver::default());
    store.gateways().leave(gateway).await.expect("left");
    let both = tokio::join!(take(other, Moment::Later), take(third, Moment::Later));
    assert_eq!(both.0.interrupted + both.1.interrupted, 1);
    let begun = [both.0.begun, both.1.begun].concat();
    assert_eq!((begun.len(), begun[0].retried_of, begun[0].state), (1, Some(running), JobState::Running));
    assert_eq!(state(running).await, JobState::Interrupted);
    // A second try is the last one.
    let owner = begun[0].gateway.expect("a gateway");
    let again = take(owner, Moment::Start(chrono::Utc::now())).await;
    assert_eq!((again.interrupted, again.begun.len()), (1, 0));
    assert_eq!(state(begun[0].id).await, JobState::Interrupted);
    assert_eq!(store.jobs().get(begun[0].id).await.unwrap().unwrap().retried_of, Some(running));
}
