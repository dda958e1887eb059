//! The rows of the tables about datasets, where they come from, and what people say of objects. They are read from the metastore; no source is asked.

use super::seen::Seen;
use super::tables::{DatasetColumnRow, DatasetRow, FavoriteRow, FolderRow, LineageRow, TagRow};
use crate::catalog::LAKE;
use crate::environment::Environment;
use std::collections::HashMap;
use weft_core::Result;
use weft_meta::{DatasetKind, DatasetRecord};

pub(super) async fn datasets(environment: &Environment) -> Result<Vec<DatasetRow>> {
    let seen = Seen::of(environment).await?;
    let all = environment.drafts.list(environment.gateway.metastore()).await?.into_iter();
    let all = all.filter(|d| is_view(d) && seen.table(LAKE, &d.schema, &d.name)).map(|d| DatasetRow {
        schema_name: d.schema,
        dataset_name: d.name,
        definition: d.definition,
        looked_up_in: d.catalog,
        search_path: d.search_path,
        version: d.version,
        owner: d.owner,
        created_at: d.created_at,
        updated_at: d.updated_at,
    });
    Ok(all.collect())
}

pub(super) async fn dataset_columns(environment: &Environment) -> Result<Vec<DatasetColumnRow>> {
    let mut rows = Vec::new();
    let seen = Seen::of(environment).await?;
    let all = environment.drafts.list(environment.gateway.metastore()).await?;
    for d in all.into_iter().filter(|d| is_view(d) && seen.table(LAKE, &d.schema, &d.name)) {
        rows.extend(d.columns.into_iter().enumerate().map(|(i, c)| DatasetColumnRow {
            schema_name: d.schema.clone(),
            dataset_name: d.name.clone(),
            column_name: c.name,
            ordinal_position: i32::try_from(i + 1).unwrap_or(i32::MAX),
            data_type: c.data_type,
            role: c.role,
            format: c.format,
            aggregate: c.aggregate,
        }));
    }
    Ok(rows)
}

/// Tables are in the tables about tables.
fn is_view(dataset: &DatasetRecord) -> bool {
    dataset.kind == DatasetKind::View
}

pub(super) async fn lineage(environment: &Environment) -> Result<Vec<LineageRow>> {
    let (drafts, metastore) = (&environment.drafts, environment.gateway.metastore());
    let seen = Seen::of(environment).await?;
    let shown = drafts.list(metastore).await?.into_iter().filter(|d| seen.table(LAKE, &d.schema, &d.name));
    let names: HashMap<_, _> = shown.map(|d| (d.id, (d.schema, d.name))).collect();
    let row = |(id, origin): (uuid::Uuid, weft_meta::Origin)| {
        let (schema, name) = names.get(&id)?;
        Some(LineageRow {
            catalog_name: LAKE.to_owned(),
            schema_name: schema.clone(),
            object_name: name.clone(),
            column_name: origin.column,
            source_catalog: origin.source_catalog,
            source_schema: origin.source_schema,
            source_table: origin.source_table,
            source_column: origin.source_column,
        })
    };
    Ok(drafts.lineage(metastore).await?.into_iter().filter_map(row).collect())
}

pub(super) async fn tags(environment: &Environment) -> Result<Vec<TagRow>> {
    let catalogs = environment.gateway.catalogs();
    let tags = environment.gateway.metastore().annotations().tags().await?;
    let row = |tag: weft_meta::TagRecord| {
        Some(TagRow {
            // Of a dropped catalog nothing is shown.
            catalog_name: catalogs.name_of(tag.object.catalog)?,
            schema_name: some(tag.object.schema),
            table_name: some(tag.object.table),
            column_name: some(tag.object.column),
            tag_name: tag.name,
            value: tag.value,
            author: tag.author,
            updated_at: tag.updated_at,
        })
    };
    let seen = Seen::of(environment).await?;
    let shown = |t: &TagRow| seen.object(&t.catalog_name, t.schema_name.as_deref(), t.table_name.as_deref());
    Ok(tags.into_iter().filter_map(row).filter(shown).collect())
}

pub(super) async fn folders(environment: &Environment) -> Result<Vec<FolderRow>> {
    let annotations = environment.gateway.metastore().annotations();
    let mut inside: HashMap<String, i64> = HashMap::new();
    for said in annotations.list(None).await? {
        if let Some(folder) = said.folder {
            *inside.entry(folder).or_default() += 1;
        }
    }
    let all = annotations.folders().await?.into_iter().map(|f| FolderRow {
        objects: inside.get(&f.path).copied().unwrap_or(0),
        folder_path: f.path,
        comment: f.comment,
        owner: f.owner,
        created_at: f.created_at,
    });
    Ok(all.collect())
}

pub(super) async fn favorites(environment: &Environment) -> Result<Vec<FavoriteRow>> {
    let catalogs = environment.gateway.catalogs();
    let favorites = environment.gateway.metastore().annotations().favorites(&environment.user).await?;
    let row = |object: weft_meta::Object| {
        Some(FavoriteRow {
            catalog_name: catalogs.name_of(object.catalog)?,
            schema_name: some(object.schema),
            table_name: some(object.table),
        })
    };
    let seen = Seen::of(environment).await?;
    let shown = |f: &FavoriteRow| seen.object(&f.catalog_name, f.schema_name.as_deref(), f.table_name.as_deref());
    Ok(favorites.into_iter().filter_map(row).filter(shown).collect())
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|t| !t.is_empty())
}
