//! Metadata: the schemas that Flight SQL lays down, what is in them, and who sees it.

use super::client::{Client, connect, fetch, lines, login, site};
use crate::test;
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use arrow::ipc::convert::try_schema_from_ipc_buffer;
use arrow_flight::sql::metadata::{SqlInfoDataBuilder, XdbcTypeInfoDataBuilder};
use arrow_flight::sql::{
    CommandGetCatalogs, CommandGetCrossReference, CommandGetDbSchemas, CommandGetExportedKeys, CommandGetImportedKeys,
    CommandGetPrimaryKeys, CommandGetTables, CommandGetXdbcTypeInfo, SqlInfo,
};
use arrow_flight::{FlightInfo, IpcMessage};
use libtest_mimic::Trial;
use weft_testkit::Postgres;

pub fn trials() -> Vec<Trial> {
    vec![
        test("flight::catalogs_schemas_tables", listings),
        test("flight::tables_with_their_columns", columns),
        test("flight::keys", keys),
        test("flight::types_and_abilities", abilities),
        test("flight::metadata_show_what_a_role_sees", seen),
    ]
}

/// The rows of a command, which must come in this schema and be told so.
async fn rows(client: &mut Client, info: FlightInfo, schema: SchemaRef) -> Vec<RecordBatch> {
    assert_eq!(try_schema_from_ipc_buffer(&info.schema).unwrap(), *schema);
    let (come, batches) = fetch(client, &info).await.unwrap();
    assert_eq!(come, schema);
    batches
}

async fn tables(client: &mut Client, command: CommandGetTables) -> Vec<String> {
    let schema = command.clone().into_builder().schema();
    let info = client.get_tables(command).await.unwrap();
    lines(&rows(client, info, schema).await)
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Catches: listings in another schema, patterns that are not LIKE's, and filters that are not obeyed.
async fn listings() {
    let weft = site().await;
    let mut client = connect(&weft, "ny").await;
    let info = client.get_catalogs().await.unwrap();
    let catalogs = lines(&rows(&mut client, info, CommandGetCatalogs {}.into_builder().schema()).await);
    assert_eq!(catalogs, ["lake", "ny", "system"]);

    let mut schemas = async |catalog: Option<&str>, pattern: Option<&str>| {
        let command = CommandGetDbSchemas {
            catalog: catalog.map(str::to_owned),
            db_schema_filter_pattern: pattern.map(str::to_owned),
        };
        let schema = command.clone().into_builder().schema();
        let info = client.get_db_schemas(command).await.unwrap();
        lines(&rows(&mut client, info, schema).await)
    };
    assert_eq!(schemas(Some("ny"), Some("n_c")).await, ["ny|nyc"]);
    assert_eq!(schemas(Some("ny"), Some("n\\_c")).await, Vec::<String>::new());
    assert_eq!(schemas(Some(""), None).await, Vec::<String>::new());
    assert!(schemas(None, Some("%")).await.contains(&"ny|nyc".to_owned()));
    assert!(schemas(Some("ny"), None).await.contains(&"ny|pg_catalog".to_owned()));

    let mine = CommandGetTables { catalog: some("ny"), db_schema_filter_pattern: some("nyc"), ..Default::default() };
    let found = tables(&mut client, mine.clone()).await;
    let expected = ["airlines", "airports", "flights", "planes", "weather"].map(|name| format!("ny|nyc|{name}|TABLE"));
    assert_eq!(found, expected);
    let command = CommandGetTables { table_name_filter_pattern: some("air%"), ..mine.clone() };
    assert_eq!(tables(&mut client, command).await, expected[..2]);
    let command = CommandGetTables { table_types: vec!["VIEW".to_owned()], ..mine };
    assert_eq!(tables(&mut client, command).await, Vec::<String>::new());
    client.execute_update("CREATE VIEW lake.public.it AS SELECT 1 AS x".to_owned(), None).await.unwrap();
    let command =
        CommandGetTables { table_types: vec!["VIEW".to_owned()], catalog: some("lake"), ..Default::default() };
    assert_eq!(tables(&mut client, command).await, ["lake|public|it|VIEW"]);
    let command = CommandGetTables {
        table_types: vec!["SYSTEM TABLE".to_owned()],
        catalog: some("system"),
        ..Default::default()
    };
    assert!(tables(&mut client, command).await.contains(&"system|metadata|tables|SYSTEM TABLE".to_owned()));

    let info = client.get_table_types().await.unwrap();
    let schema = arrow_flight::sql::CommandGetTableTypes {}.into_builder().schema();
    assert_eq!(lines(&rows(&mut client, info, schema).await), ["SYSTEM TABLE", "TABLE", "VIEW"]);
}

/// Catches: schemas of tables that are not those of their rows.
async fn columns() {
    let weft = site().await;
    let mut client = connect(&weft, "ny").await;
    let command = CommandGetTables {
        catalog: some("ny"),
        db_schema_filter_pattern: some("nyc"),
        include_schema: true,
        ..Default::default()
    };
    let schema = command.clone().into_builder().schema();
    let info = client.get_tables(command).await.unwrap();
    let batches = rows(&mut client, info, schema).await;
    let mut seen = 0;
    for batch in &batches {
        let (names, schemas) = (batch.column(2).as_string::<i32>(), batch.column(4).as_binary::<i32>());
        for (name, bytes) in names.iter().zip(schemas) {
            let told = Schema::try_from(IpcMessage(bytes.unwrap().to_vec().into())).unwrap();
            let sql = format!("SELECT * FROM nyc.{}", name.unwrap());
            let info = client.execute(sql.clone(), None).await.unwrap();
            let come = try_schema_from_ipc_buffer(&info.schema).unwrap();
            let plain = |schema: &Schema| {
                schema.fields().iter().map(|f| (f.name().clone(), f.data_type().clone())).collect::<Vec<_>>()
            };
            assert_eq!(plain(&told), plain(&come), "{sql}");
            assert_eq!(told.field(0).metadata()["ARROW:FLIGHT:SQL:TABLE_NAME"], name.unwrap());
            seen += 1;
        }
    }
    assert_eq!(seen, 5);
}

/// Catches: keys that are not those of the source, in another order, or of another table.
async fn keys() {
    let postgres = Postgres::builder().start().unwrap();
    let direct = postgres.connect().await.unwrap();
    let tables = "CREATE TABLE person (last text, first text, PRIMARY KEY (last, first)); CREATE TABLE plain (id int UNIQUE); \
                  CREATE TABLE letter (id int PRIMARY KEY, whose_last text, whose_first text, about int REFERENCES plain (id) ON UPDATE SET NULL, \
                  CONSTRAINT whose FOREIGN KEY (whose_last, whose_first) REFERENCES person (last, first) ON DELETE CASCADE)";
    direct.batch_execute(tables).await.unwrap();
    let weft = site().await;
    let admin = weft.connect().await.unwrap();
    let options = format!(
        "host '127.0.0.1', port '{}', database 'postgres', \"user\" 'app', password 'secret'",
        postgres.endpoint.port
    );
    admin.batch_execute(&format!("CREATE CATALOG pg USING postgres OPTIONS ({options})")).await.unwrap();
    admin.batch_execute("SCAN CATALOG pg LEVEL 2").await.unwrap();

    let mut client = connect(&weft, "pg").await;
    let (catalog, db_schema) = (some("pg"), some("public"));
    let command =
        CommandGetPrimaryKeys { catalog: catalog.clone(), db_schema: db_schema.clone(), table: "person".to_owned() };
    let info = client.get_primary_keys(command).await.unwrap();
    let (schema, batches) = fetch(&mut client, &info).await.unwrap();
    assert_eq!(*schema, try_schema_from_ipc_buffer(&info.schema).unwrap());
    assert_eq!(lines(&batches), ["pg|public|person|last|person_pkey|1", "pg|public|person|first|person_pkey|2"]);
    let nullable: Vec<_> = schema.fields().iter().map(|f| (f.name().as_str(), f.is_nullable())).collect();
    let expected = [
        ("catalog_name", true),
        ("db_schema_name", true),
        ("table_name", false),
        ("column_name", false),
        ("key_name", true),
        ("key_sequence", false),
    ];
    assert_eq!(nullable, expected);

    let whose = [
        "pg|public|person|last|pg|public|letter|whose_last|1|whose|person_pkey|3|0",
        "pg|public|person|first|pg|public|letter|whose_first|2|whose|person_pkey|3|0",
    ];
    let about = "pg|public|plain|id|pg|public|letter|about|1|letter_about_fkey|plain_id_key|2|3";
    let command =
        CommandGetExportedKeys { catalog: catalog.clone(), db_schema: db_schema.clone(), table: "person".to_owned() };
    let info = client.get_exported_keys(command).await.unwrap();
    let (schema, batches) = fetch(&mut client, &info).await.unwrap();
    assert_eq!(lines(&batches), whose);
    assert_eq!(*schema, try_schema_from_ipc_buffer(&info.schema).unwrap());
    assert_eq!((schema.field(11).data_type(), schema.field(11).is_nullable()), (&DataType::UInt8, false));
    let command =
        CommandGetImportedKeys { catalog: catalog.clone(), db_schema: db_schema.clone(), table: "letter".to_owned() };
    let info = client.get_imported_keys(command).await.unwrap();
    let found = lines(&fetch(&mut client, &info).await.unwrap().1);
    assert_eq!(found, [about, whose[0], whose[1]]);
    let command = CommandGetCrossReference {
        pk_catalog: catalog.clone(),
        pk_db_schema: db_schema.clone(),
        pk_table: "plain".to_owned(),
        fk_catalog: catalog,
        fk_db_schema: db_schema,
        fk_table: "letter".to_owned(),
    };
    let info = client.get_cross_reference(command).await.unwrap();
    assert_eq!(lines(&fetch(&mut client, &info).await.unwrap().1), [about]);
}

/// Catches: types and abilities in another schema, some that are missing, and functions that are not there.
async fn abilities() {
    let weft = site().await;
    let mut client = connect(&weft, "ny").await;
    let info = client.get_xdbc_type_info(CommandGetXdbcTypeInfo { data_type: None }).await.unwrap();
    let all = rows(&mut client, info, XdbcTypeInfoDataBuilder::new().schema()).await;
    assert!(lines(&all).iter().any(|line| line.starts_with("timestamp with time zone|93|")), "{all:?}");
    let info = client.get_xdbc_type_info(CommandGetXdbcTypeInfo { data_type: Some(4) }).await.unwrap();
    let integers = rows(&mut client, info, XdbcTypeInfoDataBuilder::new().schema()).await;
    assert_eq!(integers[0].column(0).as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["integer"]);

    let schema = SchemaRef::new(SqlInfoDataBuilder::schema().clone());
    let info = client.get_sql_info(vec![]).await.unwrap();
    let everything = rows(&mut client, info, schema.clone()).await;
    let numbers: Vec<u32> = everything[0].column(0).as_primitive::<arrow::datatypes::UInt32Type>().values().to_vec();
    let known = (0..=600).filter(|number| SqlInfo::try_from(*number).is_ok()).map(|number| number as u32);
    assert_eq!(numbers, known.collect::<Vec<_>>());
    let asked = vec![SqlInfo::FlightSqlServerName, SqlInfo::FlightSqlServerTransaction];
    let info = client.get_sql_info(asked).await.unwrap();
    assert_eq!(lines(&rows(&mut client, info, schema).await), ["0|{string_value=Weft}", "8|{int32_bitmask=0}"]);

    // Functions that are told of can be called: they are known, whatever is wrong with the arguments.
    let values = everything[0].column(1).as_union();
    for number in 509..=512u32 {
        let place = numbers.iter().position(|known| *known == number).unwrap();
        let names = values.value(place);
        let names = names.as_list::<i32>().value(0);
        for name in names.as_string::<i32>().iter().flatten() {
            let mut found = false;
            for arguments in [
                "",
                "()",
                "(NULL)",
                "(1)",
                "('a')",
                "(1, 2)",
                "('a', 'b')",
                "('a', 1)",
                "('a', 'b', 'c')",
                "('day', now())",
            ] {
                found |= client.execute(format!("SELECT {name}{arguments}"), None).await.is_ok();
            }
            found |= client.execute(format!("SELECT {name}(day FROM now())"), None).await.is_ok();
            found |= client.execute(format!("SELECT {name}('a' IN 'ab')"), None).await.is_ok();
            found |= client.execute(format!("SELECT {name}('a', 'b', 1)"), None).await.is_ok();
            assert!(found, "{name}");
        }
    }
}

/// Catches: metadata of what a role may not see.
async fn seen() {
    let weft = site().await;
    let admin = weft.connect().await.unwrap();
    admin.batch_execute("CREATE USER ann PASSWORD 'one'; GRANT USAGE ON CATALOG lake TO ann").await.unwrap();
    let mut ann = login(&weft, "lake", "ann", "one").await;
    let info = ann.get_catalogs().await.unwrap();
    let catalogs = lines(&fetch(&mut ann, &info).await.unwrap().1);
    assert!(!catalogs.contains(&"ny".to_owned()), "{catalogs:?}");
    let everything = tables(&mut ann, CommandGetTables { include_schema: true, ..Default::default() }).await;
    assert!(!everything.iter().any(|line| line.starts_with("ny|")), "{everything:?}");
    admin.batch_execute("GRANT SELECT ON CATALOG ny TO ann").await.unwrap();
    assert!(tables(&mut ann, CommandGetTables { catalog: some("ny"), ..Default::default() }).await.len() >= 5);
}
