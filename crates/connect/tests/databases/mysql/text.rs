//! Text is compared bytewise and without padding, whatever collation the column has.

use super::*;

const CREATE: &str = "CREATE TABLE t (id int, \
    ci varchar(20) COLLATE utf8mb4_general_ci, uca varchar(20) COLLATE utf8mb4_unicode_ci, bin varchar(20) COLLATE utf8mb4_bin, \
    latin varchar(20) CHARACTER SET latin1, three varchar(20) CHARACTER SET utf8mb3, fixed char(20), long_text text, \
    list enum('z','a','A','ä','Z','😀') COLLATE utf8mb4_bin, own varchar(20) COLLATE utf8mb4_nopad_bin)";

const COLUMNS: [&str; 8] = ["ci", "uca", "bin", "latin", "three", "fixed", "long_text", "own"];

async fn filled(database: &'static str) -> (Site, Relation) {
    let site = Site::new(database);
    site.sql(CREATE);
    for (id, text) in ["z", "a", "A", "a ", "ä", "Z"].iter().enumerate() {
        let columns = vec![format!("'{text}'"); COLUMNS.len() - 1].join(", ");
        let list = if *text == "a " { "'a'" } else { &format!("'{text}'") };
        site.sql(&format!("INSERT INTO t VALUES ({id}, {columns}, {list}, '{text}')"));
    }
    let relation = site.relation("t").await;
    (site, relation)
}

#[tokio::test]
async fn equal_means_the_same_bytes() {
    let (_site, relation) = filled("text_equal").await;
    for column in COLUMNS {
        assert_eq!(operations(&relation, column), Operations::All, "{column}");
        let value = value(&relation, column);
        let ids = async |literal: &str| {
            numbers(&relation, &format!("SELECT t1.id FROM {{}} WHERE {value} = {literal} ORDER BY 1")).await
        };
        // Blanks at the end of a char are not stored.
        assert_eq!(ids("'a'").await, if column == "fixed" { vec![1, 3] } else { vec![1] }, "{column}");
        assert_eq!(ids("'a '").await, if column == "fixed" { vec![] } else { vec![3] }, "{column}");
        assert_eq!(ids("'A'").await, [2], "{column}");
        assert_eq!(ids("'ä'").await, [4], "{column}");
        let like = format!("SELECT t1.id FROM {{}} WHERE {value} LIKE 'A%' ORDER BY 1");
        assert_eq!(numbers(&relation, &like).await, [2], "{column}");
    }
}

#[tokio::test]
async fn order_groups_and_extremes_go_by_bytes() {
    let (_site, relation) = filled("text_order").await;
    for column in COLUMNS {
        let value = value(&relation, column);
        let ordered = texts(&relation, &format!("SELECT {value} FROM {{}} ORDER BY {value}")).await;
        let expected = ["A", "Z", "a", if column == "fixed" { "a" } else { "a " }, "z", "ä"];
        assert_eq!(ordered, expected, "{column}");
        let distinct = if column == "fixed" { 5 } else { 6 };
        assert_eq!(numbers(&relation, &format!("SELECT count(DISTINCT {value}) FROM {{}}")).await, [distinct]);
        let groups = texts(&relation, &format!("SELECT {value} FROM {{}} GROUP BY {value}")).await;
        assert_eq!(groups.len() as i64, distinct, "{column}");
        let extremes = format!("SELECT CONCAT(min({value}), max({value})) FROM {{}}");
        assert_eq!(texts(&relation, &extremes).await, ["Aä"], "{column}");
    }
}

#[tokio::test]
async fn lists_are_text_and_not_numbers() {
    let (_site, relation) = filled("text_lists").await;
    let value = value(&relation, "list");
    let ordered = texts(&relation, &format!("SELECT {value} FROM {{}} ORDER BY {value}")).await;
    assert_eq!(ordered, ["A", "Z", "a", "a", "z", "ä"]);
    assert_eq!(texts(&relation, &format!("SELECT min({value}) FROM {{}}")).await, ["A"]);
    assert_eq!(numbers(&relation, &format!("SELECT count(*) FROM {{}} WHERE {value} = '1'")).await, [0]);
}

#[tokio::test]
async fn a_column_in_our_collation_can_use_its_index() {
    let (_site, relation) = filled("text_index").await;
    assert_eq!(value(&relation, "own"), "t1.`own`");
}

#[tokio::test]
async fn columns_of_different_collations_can_be_compared() {
    let (_site, relation) = filled("text_mixed").await;
    let [ci, latin, uca] = ["ci", "latin", "uca"].map(|c| value(&relation, c));
    let sql =
        format!("SELECT count(*) FROM {{}} WHERE {ci} = {latin} AND {uca} = {ci} AND COALESCE({ci}, {latin}) <> ''");
    assert_eq!(numbers(&relation, &sql).await, [6]);
}

#[tokio::test]
async fn backslashes_and_quotes_are_themselves() {
    let (site, relation) = filled("text_literal").await;
    site.sql(r"INSERT INTO t (id, ci) VALUES (10, 'a\\b'), (11, 'it''s'), (12, '\n')");
    let ci = value(&relation, "ci");
    let ids =
        async |condition: &str| numbers(&relation, &format!("SELECT t1.id FROM {{}} WHERE {ci} {condition}")).await;
    assert_eq!(ids(r"= 'a\b'").await, [10]);
    assert_eq!(ids("= 'it''s'").await, [11]);
    assert_eq!(ids(r"= '\n'").await, [] as [i64; 0]);
    assert_eq!(ids("= ':x'' ?'").await, [] as [i64; 0]);
}

/// A server sorts by the beginning of long text unless it is told otherwise, and so may make several groups of one.
#[tokio::test]
async fn long_text_is_sorted_to_its_end() {
    let site = Site::new("text_long");
    site.sql(
        "CREATE TABLE t (x text, v varchar(16000), m mediumtext); \
         INSERT INTO t SELECT CONCAT(REPEAT('x', 65000), 9 - seq % 10), CONCAT(REPEAT('ä', 15000), 9 - seq % 10), 'm' FROM seq_1_to_30",
    );
    let relation = site.relation("t").await;
    for column in ["x", "v"] {
        let value = value(&relation, column);
        let sql = format!("SELECT RIGHT({value}, 1) FROM {{}} GROUP BY {value} ORDER BY {value}");
        assert_eq!(texts(&relation, &sql).await.concat(), "0123456789", "{column}");
        let sql = format!("SELECT RIGHT({value}, 1) FROM {{}} ORDER BY {value} DESC LIMIT 4");
        assert_eq!(texts(&relation, &sql).await.concat(), "9998", "{column}");
        assert_eq!(operations(&relation, column), Operations::All);
    }
    assert_eq!(operations(&relation, "m"), Operations::Return);
}
