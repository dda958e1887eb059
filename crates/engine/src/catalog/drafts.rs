//! Changes of views and tables that a transaction has made and not committed: what its own statements see of the lake. Nobody else sees them, and they are gone when
//! it is rolled back. It must not know statements, nor when they are committed.

use super::listing::{Listing, of_dataset};
use super::{LAKE, LAKE_SCHEMA};
use std::sync::Arc;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result};
use weft_lake::Written;
use weft_meta::{DatasetChange, DatasetRecord, LakeFile, Metastore, Origin};

/// Changes of one transaction.
const MAX_CHANGES: usize = 10_000;

/// Changes in their order, each with who makes it.
#[derive(Debug, Default, Clone)]
pub struct Drafts {
    changes: Vec<(DatasetChange, String)>,
    /// The files that they give to tables. With the last copy of the drafts they go, unless they were taken over.
    written: Vec<Arc<Written>>,
}

impl Drafts {
    /// Whether the lake is seen as everybody sees it.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes in their order, each with who makes it.
    pub fn changes(&self) -> &[(DatasetChange, String)] {
        &self.changes
    }

    /// The files that they give to tables.
    pub fn written(&self) -> &[Arc<Written>] {
        &self.written
    }

    /// Keeps files as long as there are the drafts.
    pub fn hold(&mut self, written: Vec<Arc<Written>>) {
        self.written.extend(written);
    }

    /// The files of a table, the transaction's own at the end.
    pub async fn files(&self, metastore: &Metastore, table: Uuid) -> Result<Vec<LakeFile>> {
        let mut all = metastore.lake_files().of(table).await?;
        for (change, _) in &self.changes {
            if let DatasetChange::Append { dataset, files } = change
                && dataset.id == table
            {
                all.extend(files.iter().cloned());
            }
        }
        Ok(all)
    }

    /// One more.
    pub fn push(&mut self, change: DatasetChange, author: String) -> Result<()> {
        if self.changes.len() >= MAX_CHANGES {
            let message = format!("a transaction makes at most {MAX_CHANGES} changes of views and tables");
            return Err(Error::new(ErrorKind::ProgramLimitExceeded, message));
        }
        self.changes.push((change, author));
        Ok(())
    }

    /// Every dataset, by name.
    pub async fn list(&self, metastore: &Metastore) -> Result<Vec<DatasetRecord>> {
        Ok(self.over(metastore.datasets().list().await?))
    }

    /// The dataset of this name.
    pub async fn get(&self, metastore: &Metastore, schema: &str, name: &str) -> Result<Option<DatasetRecord>> {
        match self.is_empty() {
            true => metastore.datasets().get(schema, name).await,
            false => Ok(self.list(metastore).await?.into_iter().find(|d| d.schema == schema && d.name == name)),
        }
    }

    /// Where everything in all datasets comes from, with the id of each dataset.
    pub async fn lineage(&self, metastore: &Metastore) -> Result<Vec<(Uuid, Origin)>> {
        let mut lineage = metastore.datasets().lineage().await?;
        for (change, _) in &self.changes {
            match change {
                DatasetChange::Put { dataset, origins } => {
                    lineage.retain(|(id, _)| *id != dataset.id);
                    lineage.extend(origins.iter().map(|origin| (dataset.id, origin.clone())));
                }
                DatasetChange::Update { .. } | DatasetChange::Append { .. } => {}
                DatasetChange::Drop(gone) => lineage.retain(|(id, _)| !gone.iter().any(|d| d.id == *id)),
            }
        }
        Ok(lineage)
    }

    /// What a catalog holds, with the changes.
    pub(crate) fn listed(&self, listing: Arc<Listing>) -> Arc<Listing> {
        if self.is_empty() || listing.catalog != LAKE {
            return listing;
        }
        let is_dataset = |t: &super::Table| t.schema == LAKE_SCHEMA && t.view.is_some();
        let (mut views, mut tables): (Vec<_>, Vec<_>) = listing.tables.iter().cloned().partition(is_dataset);
        for (change, _) in &self.changes {
            match change {
                DatasetChange::Put { dataset, .. } | DatasetChange::Update { dataset, .. } => {
                    let old = views.iter().position(|t| t.view.as_ref().is_some_and(|(id, _)| *id == dataset.id));
                    let old = old.map(|place| views.swap_remove(place));
                    let mut view = of_dataset(dataset.clone(), None);
                    if let Some(old) = old {
                        // What people say of it; a new query may have more columns, at the end.
                        (view.comment, view.remarks) = (old.comment, old.remarks);
                    }
                    views.push(view);
                }
                DatasetChange::Append { .. } => {}
                DatasetChange::Drop(gone) => {
                    views.retain(|t| !t.view.as_ref().is_some_and(|(id, _)| gone.iter().any(|d| d.id == *id)));
                }
            }
        }
        tables.extend(views);
        tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        Arc::new(Listing { catalog: listing.catalog.clone(), schemas: listing.schemas.clone(), tables })
    }

    fn over(&self, mut datasets: Vec<DatasetRecord>) -> Vec<DatasetRecord> {
        for (change, _) in &self.changes {
            match change {
                DatasetChange::Put { dataset, .. } | DatasetChange::Update { dataset, .. } => {
                    datasets.retain(|d| d.id != dataset.id);
                    datasets.push(dataset.clone());
                }
                DatasetChange::Append { .. } => {}
                DatasetChange::Drop(gone) => datasets.retain(|d| !gone.iter().any(|g| g.id == d.id)),
            }
        }
        datasets.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        datasets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn dataset(id: u128, name: &str) -> DatasetRecord {
        DatasetRecord {
            id: Uuid::from_u128(id),
            schema: LAKE_SCHEMA.to_owned(),
            name: name.to_owned(),
            kind: weft_meta::DatasetKind::View,
            definition: "SELECT 1".to_owned(),
            catalog: LAKE.to_owned(),
            search_path: Vec::new(),
            columns: Vec::new(),
            owner: "weft".to_owned(),
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn after(changes: Vec<DatasetChange>, before: &[(u128, &str)]) -> Vec<(u128, String)> {
        let mut drafts = Drafts::default();
        changes.into_iter().for_each(|change| drafts.push(change, "weft".to_owned()).unwrap());
        let before = before.iter().map(|(id, name)| dataset(*id, name)).collect();
        drafts.over(before).into_iter().map(|d| (d.id.as_u128(), d.name)).collect()
    }

    #[test]
    fn one_takes_the_place_of_another() {
        let rename =
            |id, before: &str, name| DatasetChange::Update { before: before.to_owned(), dataset: dataset(id, name) };
        let changes = vec![
            DatasetChange::Put { dataset: dataset(2, "v_new"), origins: Vec::new() },
            rename(1, "v", "v_old"),
            rename(2, "v_new", "v"),
        ];
        assert_eq!(after(changes.clone(), &[(1, "v")]), [(2, "v".to_owned()), (1, "v_old".to_owned())]);
        let dropped = [changes, vec![DatasetChange::Drop(vec![dataset(1, "v_old")])]].concat();
        assert_eq!(after(dropped, &[(1, "v"), (3, "w")]), [(2, "v".to_owned()), (3, "w".to_owned())]);
    }
}
