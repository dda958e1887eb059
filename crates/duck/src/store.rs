//! The object stores of a statement: which database it needs. It must not know how they are opened.

use std::sync::Arc;
use weft_core::store::Store;
use weft_core::{Error, Result};

/// The stores in one order, each once. Those that DuckDB could not tell apart are refused.
pub(crate) fn settle(stores: &[Arc<Store>]) -> Result<Vec<Arc<Store>>> {
    let mut settled: Vec<Arc<Store>> = Vec::new();
    for store in stores {
        if let Some(other) = settled.iter().find(|other| store.collides_with(other)) {
            let message = format!("one statement cannot read \"{}\" and \"{}\"", other.scope, store.scope);
            return Err(Error::unsupported("reading one place with two keys in one statement").with_detail(message));
        }
        if settled.iter().all(|other| other.scope != store.scope) {
            settled.push(store.clone());
        }
    }
    settled.sort_by(|a, b| a.scope.cmp(&b.scope));
    Ok(settled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use weft_core::store::{Addressing, StoreRole};
    use weft_core::{ErrorKind, Secret};

    fn store(scope: &str, key_id: &str) -> Arc<Store> {
        Arc::new(Store {
            catalog: String::new(),
            role: StoreRole::Primary,
            scope: scope.to_owned(),
            endpoint: "http://127.0.0.1:8333".to_owned(),
            region: "us-east-1".to_owned(),
            key_id: Some(key_id.to_owned()),
            secret: Some(Secret::new("hush")),
            session_token: None,
            addressing: Addressing::Path,
            request_timeout: Duration::from_secs(1),
            max_retries: 0,
        })
    }

    #[test]
    fn stores_are_sorted_and_collisions_refused() {
        let (a, b) = (store("s3://a/", "k"), store("s3://b/", "k"));
        let scopes = |stores: &[Arc<Store>]| {
            settle(stores).map(|s| s.iter().map(|s| s.scope.clone()).collect::<Vec<_>>()).map_err(|e| e.kind())
        };
        assert_eq!(scopes(&[b.clone(), a.clone(), b.clone()]), Ok(vec!["s3://a/".to_owned(), "s3://b/".to_owned()]));
        assert_eq!(scopes(&[a.clone(), store("s3://a/p/", "k2")]), Err(ErrorKind::FeatureNotSupported));
    }
}
