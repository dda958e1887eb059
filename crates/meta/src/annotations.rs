//! What people say of objects: comments, tags, folders, favourites. It must not know whether an object is there.

use crate::db::{Id, Pool, Row, now};
use crate::store::Metastore;
use crate::versions::{Part, newest, note};
use chrono::{DateTime, Utc};
use std::fmt;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result};

/// A catalog, a schema, a table or a column: the names below it are empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Object {
    /// The catalog's id.
    pub catalog: Uuid,
    /// Its schema.
    pub schema: String,
    /// Its table.
    pub table: String,
    /// Its column.
    pub column: String,
}

impl Object {
    /// A catalog.
    pub fn catalog(catalog: Uuid) -> Object {
        Object { catalog, schema: String::new(), table: String::new(), column: String::new() }
    }

    /// A schema of it.
    pub fn schema(self, schema: impl Into<String>) -> Object {
        Object { schema: schema.into(), ..self }
    }

    /// A table of it.
    pub fn table(self, table: impl Into<String>) -> Object {
        Object { table: table.into(), ..self }
    }

    /// A column of it.
    pub fn column(self, column: impl Into<String>) -> Object {
        Object { column: column.into(), ..self }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [&self.schema, &self.table, &self.column];
        f.write_str(&names.into_iter().filter(|n| !n.is_empty()).cloned().collect::<Vec<_>>().join("."))
    }
}

/// What is said of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotationRecord {
    /// Of what.
    pub object: Object,
    /// What it is, in words.
    pub comment: Option<String>,
    /// The folder in which it lies.
    pub folder: Option<String>,
    /// Who said so last.
    pub author: String,
    /// When.
    pub updated_at: DateTime<Utc>,
}

/// A tag of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRecord {
    /// Of what.
    pub object: Object,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Who said so last.
    pub author: String,
    /// When.
    pub updated_at: DateTime<Utc>,
}

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderRecord {
    /// Its path.
    pub path: String,
    /// What it is, in words.
    pub comment: Option<String>,
    /// Who created it.
    pub owner: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// The repository of annotations.
pub struct Annotations<'m> {
    pub(crate) store: &'m Metastore,
}

impl Annotations<'_> {
    /// What is said of any object of a catalog, or of all.
    pub async fn list(&self, catalog: Option<Uuid>) -> Result<Vec<AnnotationRecord>> {
        let list = |db: Pool| async move {
            let sql = "SELECT * FROM annotations WHERE $1 IS NULL OR catalog_id = $1 ORDER BY catalog_id, schema_name, table_name, column_name";
            let rows = db.query(sql).bind(catalog.map(Id)).fetch_all().await?;
            Ok(rows.iter().map(annotation).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }

    /// The version in which something was last said of any object.
    pub async fn stamp(&self) -> Result<Option<i64>> {
        let stamp = |db: Pool| async move { newest(&db, Part::Annotations).await };
        self.store.read(stamp).await
    }

    /// Says what an object is; nothing takes it back.
    pub async fn comment(&self, object: &Object, comment: Option<&str>, author: &str) -> Result<()> {
        let put = |db: Pool| async move {
            let sql = "INSERT INTO annotations (catalog_id, schema_name, table_name, column_name, comment, author, updated_at) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (catalog_id, schema_name, table_name, column_name) \
                       DO UPDATE SET comment = excluded.comment, author = excluded.author, updated_at = excluded.updated_at";
            let mut transaction = db.begin().await?;
            transaction
                .query(sql)
                .bind(Id(object.catalog))
                .bind(&object.schema)
                .bind(&object.table)
                .bind(&object.column)
                .bind(comment)
                .bind(author)
                .bind(now())
                .execute()
                .await?;
            note(&mut transaction, Part::Annotations, &object.to_string(), author).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(put).await
    }

    /// Puts an object into a folder, or takes it out; 42704 if there is no such folder.
    pub async fn put_into(&self, object: &Object, folder: Option<&str>, author: &str) -> Result<()> {
        let put = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            if let Some(path) = folder {
                let found =
                    transaction.query("SELECT path FROM folders WHERE path = $1").bind(path).fetch_optional().await?;
                if found.is_none() {
                    return Err(no_folder(path).into());
                }
            }
            let sql = "INSERT INTO annotations (catalog_id, schema_name, table_name, column_name, folder, author, updated_at) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (catalog_id, schema_name, table_name, column_name) \
                       DO UPDATE SET folder = excluded.folder, author = excluded.author, updated_at = excluded.updated_at";
            transaction
                .query(sql)
                .bind(Id(object.catalog))
                .bind(&object.schema)
                .bind(&object.table)
                .bind(&object.column)
                .bind(folder)
                .bind(author)
                .bind(now())
                .execute()
                .await?;
            note(&mut transaction, Part::Annotations, &object.to_string(), author).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(put).await
    }

    /// Every tag.
    pub async fn tags(&self) -> Result<Vec<TagRecord>> {
        let list = |db: Pool| async move {
            let sql = "SELECT * FROM tags ORDER BY catalog_id, schema_name, table_name, column_name, name";
            let rows = db.query(sql).fetch_all().await?;
            Ok(rows.iter().map(tag).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }

    /// Gives an object a tag, or another value of it.
    pub async fn tag(&self, object: &Object, name: &str, value: &str, author: &str) -> Result<()> {
        let put = |db: Pool| async move {
            let sql = "INSERT INTO tags (catalog_id, schema_name, table_name, column_name, name, value, author, updated_at) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (catalog_id, schema_name, table_name, column_name, name) \
                       DO UPDATE SET value = excluded.value, author = excluded.author, updated_at = excluded.updated_at";
            let mut transaction = db.begin().await?;
            transaction
                .query(sql)
                .bind(Id(object.catalog))
                .bind(&object.schema)
                .bind(&object.table)
                .bind(&object.column)
                .bind(name)
                .bind(value)
                .bind(author)
                .bind(now())
                .execute()
                .await?;
            note(&mut transaction, Part::Annotations, &object.to_string(), author).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(put).await
    }

    /// Takes a tag from an object; tells whether it had it.
    pub async fn untag(&self, object: &Object, name: &str, author: &str) -> Result<bool> {
        let take = |db: Pool| async move {
            let sql = "DELETE FROM tags WHERE catalog_id = $1 AND schema_name = $2 AND table_name = $3 AND column_name = $4 AND name = $5";
            let mut transaction = db.begin().await?;
            let taken = transaction
                .query(sql)
                .bind(Id(object.catalog))
                .bind(&object.schema)
                .bind(&object.table)
                .bind(&object.column)
                .bind(name)
                .execute()
                .await?;
            if taken > 0 {
                note(&mut transaction, Part::Annotations, &object.to_string(), author).await?;
            }
            transaction.commit().await?;
            Ok(taken > 0)
        };
        self.store.write(take).await
    }

    /// What a role wants to find again.
    pub async fn favorites(&self, role: &str) -> Result<Vec<Object>> {
        let list = |db: Pool| async move {
            let rows = db.query("SELECT * FROM favorites WHERE role_name = $1").bind(role).fetch_all().await?;
            let object = |row: &Row| {
                let object = Object::catalog(row.uuid("catalog_id")?);
                Ok(object.schema(row.try_get::<String>("schema_name")?).table(row.try_get::<String>("table_name")?))
            };
            Ok(rows.iter().map(object).collect::<Result<_, sqlx::Error>>()?)
        };
        self.store.read(list).await
    }

    /// Takes note that a role wants to find an object again.
    pub async fn favor(&self, role: &str, object: &Object) -> Result<()> {
        let put = |db: Pool| async move {
            let sql = "INSERT INTO favorites (role_name, catalog_id, schema_name, table_name, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
            let mut transaction = db.begin().await?;
            let query =
                transaction.query(sql).bind(role).bind(Id(object.catalog)).bind(&object.schema).bind(&object.table);
            if query.bind(now()).execute().await? > 0 {
                note(&mut transaction, Part::Annotations, &object.to_string(), role).await?;
            }
            Ok(transaction.commit().await?)
        };
        self.store.write(put).await
    }

    /// Forgets that a role wants to find an object again.
    pub async fn disfavor(&self, role: &str, object: &Object) -> Result<()> {
        let take = |db: Pool| async move {
            let sql = "DELETE FROM favorites WHERE role_name = $1 AND catalog_id = $2 AND schema_name = $3 AND table_name = $4";
            let mut transaction = db.begin().await?;
            let query =
                transaction.query(sql).bind(role).bind(Id(object.catalog)).bind(&object.schema).bind(&object.table);
            if query.execute().await? > 0 {
                note(&mut transaction, Part::Annotations, &object.to_string(), role).await?;
            }
            Ok(transaction.commit().await?)
        };
        self.store.write(take).await
    }

    /// Every folder, by path.
    pub async fn folders(&self) -> Result<Vec<FolderRecord>> {
        let list = |db: Pool| async move {
            let rows = db.query("SELECT * FROM folders ORDER BY path").fetch_all().await?;
            Ok(rows.iter().map(folder).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }

    /// Makes a folder; 42710 if it is there, 42704 if the folder around it is not.
    pub async fn create_folder(&self, path: &str, owner: &str) -> Result<()> {
        let create = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            if let Some((around, _)) = path.rsplit_once('/').filter(|(around, _)| !around.is_empty()) {
                let found =
                    transaction.query("SELECT path FROM folders WHERE path = $1").bind(around).fetch_optional().await?;
                if found.is_none() {
                    return Err(no_folder(around).into());
                }
            }
            let sql = "INSERT INTO folders (path, owner, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
            if transaction.query(sql).bind(path).bind(owner).bind(now()).execute().await? == 0 {
                return Err(Error::new(ErrorKind::DuplicateObject, format!("folder \"{path}\" already exists")).into());
            }
            note(&mut transaction, Part::Annotations, path, owner).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(create).await
    }

    /// Removes an empty folder; 2BP01 if something lies in it, 42704 if it is not there.
    pub async fn drop_folder(&self, path: &str, author: &str) -> Result<()> {
        let drop = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let sql = "SELECT path FROM folders WHERE substr(path, 1, length($1) + 1) = $1 || '/' \
                       UNION ALL SELECT table_name FROM annotations WHERE folder = $1";
            let inside = transaction.query(sql).bind(path).fetch_all().await?;
            if !inside.is_empty() {
                let message = format!("folder \"{path}\" is not empty");
                return Err(Error::new(ErrorKind::DependentObjects, message)
                    .with_detail(format!("{} things lie in it.", inside.len()))
                    .with_hint("ALTER … UNSET FOLDER takes a thing out of its folder.")
                    .into());
            }
            if transaction.query("DELETE FROM folders WHERE path = $1").bind(path).execute().await? == 0 {
                return Err(no_folder(path).into());
            }
            note(&mut transaction, Part::Annotations, path, author).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(drop).await
    }

    /// Says what a folder is; 42704 if it is not there.
    pub async fn comment_folder(&self, path: &str, comment: Option<&str>, author: &str) -> Result<()> {
        let put = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let done = transaction.query("UPDATE folders SET comment = $2 WHERE path = $1").bind(path).bind(comment);
            if done.execute().await? == 0 {
                return Err(no_folder(path).into());
            }
            note(&mut transaction, Part::Annotations, path, author).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(put).await
    }
}

fn no_folder(path: &str) -> Error {
    Error::new(ErrorKind::UndefinedObject, format!("folder \"{path}\" does not exist"))
        .with_hint(format!("CREATE FOLDER '{}' makes it.", path.replace('\'', "''")))
}

fn object(row: &Row) -> Result<Object, sqlx::Error> {
    Ok(Object {
        catalog: row.uuid("catalog_id")?,
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        column: row.try_get("column_name")?,
    })
}

fn annotation(row: &Row) -> Result<AnnotationRecord, sqlx::Error> {
    Ok(AnnotationRecord {
        object: object(row)?,
        comment: row.try_get("comment")?,
        folder: row.try_get("folder")?,
        author: row.try_get("author")?,
        updated_at: row.try_get("updated_at")?,
    })
}

fn tag(row: &Row) -> Result<TagRecord, sqlx::Error> {
    Ok(TagRecord {
        object: object(row)?,
        name: row.try_get("name")?,
        value: row.try_get("value")?,
        author: row.try_get("author")?,
        updated_at: row.try_get("updated_at")?,
    })
}

fn folder(row: &Row) -> Result<FolderRecord, sqlx::Error> {
    Ok(FolderRecord {
        path: row.try_get("path")?,
        comment: row.try_get("comment")?,
        owner: row.try_get("owner")?,
        created_at: row.try_get("created_at")?,
    })
}
