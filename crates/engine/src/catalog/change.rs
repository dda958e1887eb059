//! Creating, altering and dropping sources while others are used. A changed source is opened anew and takes the place of the one before; statements
//! that run keep theirs. What is stored and what is mounted change together, whether or not the client waits for it.

use super::health::{Finding, HealthState};
use super::options::{self, Sorted};
use super::source::Source;
use super::{Catalogs, DEFAULT_ALIAS, LAKE, SYSTEM};
use std::collections::BTreeMap;
use std::sync::Arc;
use weft_connect::{Connector, Kind, NodeCheck};
use weft_core::name::{quote_always, quote_identifier};
use weft_core::{Error, ErrorKind, Result, Secret};
use weft_meta::{Availability, CatalogDefinition, CatalogRecord, NewCatalog};
use weft_sql::CatalogChange;

/// A source as a user describes it.
pub struct Proposal {
    /// Its kind.
    pub kind: String,
    /// How to connect.
    pub options: BTreeMap<String, String>,
    /// How to behave.
    pub with: BTreeMap<String, String>,
}

/// A source that is opened and not yet mounted.
struct Draft {
    definition: CatalogDefinition,
    hidden: BTreeMap<String, Secret>,
    connector: Arc<dyn Connector>,
}

impl Catalogs {
    /// Opens, checks, stores and mounts a new source. Nothing is stored if it cannot be reached.
    pub async fn create(&self, name: &str, proposal: Proposal, owner: &str) -> Result<()> {
        own_name(name)?;
        let kind = weft_connect::kind(&proposal.kind)?;
        let draft = self.draft(name, kind, proposal).await?;
        let finding = self.checked(&*draft.connector).await?;
        let Draft { definition, hidden, connector } = draft;
        let new = NewCatalog { kind: kind.name.to_owned(), definition, secrets: hidden, owner: owner.to_owned() };
        let this = self.clone();
        self.committed(async move {
            let record = this.metastore.catalogs().create(&new).await?;
            this.mount(record, Ok(connector), Some(finding));
            Ok(())
        })
        .await
    }

    /// What a source that is not stored answers to a check.
    pub async fn try_out(&self, proposal: Proposal) -> Result<Vec<NodeCheck>> {
        let kind = weft_connect::kind(&proposal.kind)?;
        Ok(self.draft("", kind, proposal).await?.connector.check().await)
    }

    /// What a catalog answers to a check, be it switched off or not.
    pub async fn check(&self, name: &str) -> Result<Vec<NodeCheck>> {
        let source = self.source(name)?;
        let connector = match source.connector() {
            Ok(connector) => connector.clone(),
            Err(_) => self.reopen(&source.record).await?,
        };
        Ok(connector.check().await)
    }

    /// Changes a source. A change after which it could not be reached is refused, unless it is switched off.
    pub async fn alter(&self, name: &str, change: &CatalogChange, by: &str) -> Result<()> {
        let before = self.source(name)?.record.clone();
        let kind = weft_connect::kind(&before.kind)?;
        let mut definition = before.definition.clone();
        let mut hidden = self.metastore.catalogs().secrets(before.id).await;
        let mut checked = definition.availability == Availability::Enabled;
        match change {
            CatalogChange::Options(changes) => {
                let mut sorted = Sorted { shown: definition.options, hidden: hidden?, secret: definition.secret };
                sorted.change(kind, &self.metastore, changes).await?;
                definition.options = (kind.settle)(sorted.shown)?;
                definition.secret = sorted.secret;
                hidden = Ok(sorted.hidden);
            }
            CatalogChange::Set(properties) => definition.with.extend(properties.iter().cloned()),
            CatalogChange::Enable => {
                definition.availability = Availability::Enabled;
                checked = before.definition.availability == Availability::Disabled;
            }
            CatalogChange::Disable => {
                definition.availability = Availability::Disabled;
                checked = false;
            }
            CatalogChange::Rename(name) => {
                own_name(name)?;
                name.clone_into(&mut definition.name);
                checked = false;
            }
        }
        if definition == before.definition && !matches!(change, CatalogChange::Options(_)) {
            return Ok(());
        }
        let opened = match &hidden {
            Ok(hidden) => options::open(&self.metastore, &self.context, kind, &definition, hidden).await,
            Err(error) => Err(error.clone()),
        };
        let finding = match &opened {
            Ok(connector) if checked => {
                Some(self.checked(&**connector).await.map_err(|e| unreachable(e, change, name))?)
            }
            // A source that never could be opened can still be renamed and switched off.
            Err(error) if !matches!(change, CatalogChange::Disable | CatalogChange::Rename(_)) => {
                return Err(error.clone());
            }
            _ => None,
        };
        let (this, by) = (self.clone(), by.to_owned());
        self.committed(async move {
            let record = this.metastore.catalogs().update(&before, definition, hidden.as_ref().ok(), &by).await?;
            let source = Source::mount(record, opened, finding, this.patience, &this.turns);
            // At once: no statement may find neither of them.
            let mut sources = this.sources.write();
            sources.remove(&before.definition.name);
            sources.insert(source.name().to_owned(), Arc::new(source));
            Ok(())
        })
        .await
    }

    /// Forgets a source. It can be brought back, and what it holds stays.
    pub async fn drop(&self, name: &str, by: &str) -> Result<()> {
        if [LAKE, SYSTEM].contains(&name) {
            return Err(Error::new(
                ErrorKind::InsufficientPrivilege,
                format!("catalog {name} is Weft's own and cannot be dropped"),
            ));
        }
        let record = self.sources.read().get(name).map(|s| s.record.clone()).ok_or_else(|| self.undefined(name))?;
        let (this, by) = (self.clone(), by.to_owned());
        self.committed(async move {
            this.metastore.catalogs().drop(&record, &by).await?;
            this.sources.write().remove(&record.definition.name);
            Ok(())
        })
        .await
    }

    /// Brings back the source of this name that was dropped last, as it was. It need not be reachable.
    pub async fn undrop(&self, name: &str, by: &str) -> Result<()> {
        if self.sources.read().contains_key(name) {
            return Err(Error::new(
                ErrorKind::DuplicateCatalog,
                format!("catalog {} already exists", quote_always(name)),
            )
            .with_hint(format!("ALTER CATALOG {} RENAME TO … makes room for it.", quote_identifier(name))));
        }
        let Some(record) = self.metastore.catalogs().dropped(name).await? else {
            return Err(Error::new(
                ErrorKind::UndefinedCatalog,
                format!("there is no dropped catalog {}", quote_always(name)),
            ));
        };
        let connector = self.reopen(&record).await?;
        let (this, by) = (self.clone(), by.to_owned());
        self.committed(async move {
            let record = this.metastore.catalogs().undrop(&record, &by).await?;
            this.mount(record, Ok(connector), None);
            Ok(())
        })
        .await
    }

    /// Opens a source as it is stored.
    pub(super) async fn reopen(&self, record: &CatalogRecord) -> Result<Arc<dyn Connector>> {
        let kind = weft_connect::kind(&record.kind)?;
        let hidden = self.metastore.catalogs().secrets(record.id).await?;
        options::open(&self.metastore, &self.context, kind, &record.definition, &hidden).await
    }

    async fn draft(&self, name: &str, kind: &Kind, proposal: Proposal) -> Result<Draft> {
        let mut sorted = Sorted::default();
        for (option, value) in &proposal.options {
            sorted.set(kind, &self.metastore, option, value).await?;
        }
        let definition = CatalogDefinition {
            name: name.to_owned(),
            options: (kind.settle)(sorted.shown)?,
            secret: sorted.secret,
            with: proposal.with,
            availability: Availability::Enabled,
        };
        let connector = options::open(&self.metastore, &self.context, kind, &definition, &sorted.hidden).await?;
        Ok(Draft { definition, hidden: sorted.hidden, connector })
    }

    /// Asks the source; an error unless some node of it answers. Of several stores none may refuse what it is asked: that would be found out when it is
    /// needed.
    async fn checked(&self, connector: &dyn Connector) -> Result<Finding> {
        let nodes = connector.check().await;
        let is_away = |error: &&Error| error.kind() == ErrorKind::ConnectionFailed;
        if connector.store_pool().is_some()
            && let Some(error) = nodes.iter().filter_map(|node| node.error.as_ref()).find(|error| !is_away(error))
        {
            return Err(error.clone());
        }
        let finding = Finding::of(nodes, self.patience);
        match (finding.state, &finding.error) {
            (HealthState::Unreachable, Some(error)) => Err(error.clone()),
            _ => Ok(finding),
        }
    }

    pub(super) fn mount(&self, record: CatalogRecord, connector: Result<Arc<dyn Connector>>, finding: Option<Finding>) {
        let source = Source::mount(record, connector, finding, self.patience, &self.turns);
        self.sources.write().insert(source.name().to_owned(), Arc::new(source));
    }

    /// Does it to its end, one change at a time, even if the statement is cancelled meanwhile.
    pub(super) async fn committed(&self, change: impl Future<Output = Result<()>> + Send + 'static) -> Result<()> {
        let (changing, change) = (self.changing.clone(), weft_meta::carried(change));
        let done = tokio::spawn(async move {
            let _alone = changing.lock().await;
            change.await
        });
        done.await.map_err(|e| Error::internal("a change of a catalog broke off").with_source(e))?
    }
}

fn own_name(name: &str) -> Result<()> {
    if ![LAKE, SYSTEM, DEFAULT_ALIAS].contains(&name) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::DuplicateCatalog, format!("catalog {} is Weft's own", quote_always(name)))
        .with_hint("Choose another name."))
}

/// Says how a change can be made while the source is away.
fn unreachable(error: Error, change: &CatalogChange, name: &str) -> Error {
    match change {
        CatalogChange::Enable => error,
        _ => error.with_hint(format!(
            "Nothing was changed. A disabled catalog is not checked: ALTER CATALOG {} DISABLE.",
            quote_identifier(name)
        )),
    }
}
