//! Search over what people say: comments, tags and the names of datasets. There are few of these; they are read as they are. It must not know what scans
//! have found.

use super::scans::HitRow;
use crate::catalog::LAKE;
use crate::environment::Environment;
use std::collections::BTreeMap;
use weft_core::Result;

/// What a table counts of which people say so.
const SCORE: f64 = 5.0;

/// What is said of a table.
#[derive(Default)]
struct Said {
    texts: Vec<String>,
    columns: Vec<(String, String)>,
}

/// The tables of which people say all of the words, or words that begin so.
pub(super) async fn search(environment: &Environment, text: &str) -> Result<Vec<HitRow>> {
    let words: Vec<String> = tokens(text).map(str::to_lowercase).collect();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let all = read(environment).await?;
    let hits = all.into_iter().filter_map(|((catalog_name, schema_name, table_name), said)| {
        let columns = said.columns.iter().map(|(name, text)| format!("{name} {text}"));
        let whole = said.texts.iter().cloned().chain(columns).collect::<Vec<_>>().join(", ");
        let begins = |word: &String| tokens(&whole).any(|token| token.to_lowercase().starts_with(word.as_str()));
        if !words.iter().all(begins) {
            return None;
        }
        let one =
            |text: &str| tokens(text).any(|token| words.iter().any(|w| token.to_lowercase().starts_with(w.as_str())));
        let marked = |(name, text): &&(String, String)| one(name) || one(text);
        let columns = said.columns.iter().filter(marked).map(|(name, _)| name.clone()).collect();
        Some(HitRow {
            catalog_name,
            schema_name,
            table_name,
            columns,
            highlight: highlight(&whole, &words),
            score: SCORE,
        })
    });
    Ok(hits.collect())
}

type Table = (String, String, String);

async fn read(environment: &Environment) -> Result<BTreeMap<Table, Said>> {
    let (catalogs, metastore) = (environment.gateway.catalogs(), environment.gateway.metastore());
    let mut all: BTreeMap<Table, Said> = BTreeMap::new();
    for dataset in metastore.datasets().list().await? {
        let said = all.entry((LAKE.to_owned(), dataset.schema, dataset.name.clone())).or_default();
        said.texts.push(dataset.name);
        said.columns.extend(dataset.columns.into_iter().map(|c| (c.name, String::new())));
    }
    let mut say = |object: weft_meta::Object, text: String| {
        let Some(catalog) = catalogs.name_of(object.catalog).filter(|_| !object.table.is_empty()) else { return };
        let said = all.entry((catalog, object.schema, object.table.clone())).or_default();
        if said.texts.is_empty() {
            said.texts.push(object.table);
        }
        match object.column.is_empty() {
            true => said.texts.push(text),
            false => said.columns.push((object.column, text)),
        }
    };
    for said in metastore.annotations().list(None).await? {
        if let Some(comment) = said.comment {
            say(said.object, comment);
        }
    }
    for tag in metastore.annotations().tags().await? {
        say(tag.object, format!("{} = {}", tag.name, tag.value));
    }
    Ok(all)
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// The text with the words in brackets.
fn highlight(text: &str, words: &[String]) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(token) = tokens(rest).next() {
        let start = rest.find(token).unwrap_or(0);
        marked.push_str(&rest[..start]);
        match words.iter().any(|w| token.to_lowercase().starts_with(w.as_str())) {
            true => marked.extend(["[", token, "]"]),
            false => marked.push_str(token),
        }
        rest = &rest[start + token.len()..];
    }
    marked + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_marked_where_they_stand() {
        let words = ["pay".to_owned(), "é".to_owned()];
        assert_eq!(highlight("repay, Payment (été) pa", &words), "repay, [Payment] ([été]) pa");
    }
}
