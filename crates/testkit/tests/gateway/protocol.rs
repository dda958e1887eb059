//! The messages of pg-wire: who gets in, what garbage does, portals and their limits, names that do not exist, changes of session variables.

use crate::files::{mount, reads, samples};
use crate::raw::{self, Message, Raw};
use crate::{refusal, test};
use libtest_mimic::Trial;
use weft_testkit::{Endpoint, Weft};

pub fn trials() -> Vec<Trial> {
    vec![
        test("protocol::passwords", passwords),
        test("protocol::start_up_garbage_ends_one_connection", start_up_garbage),
        test("protocol::garbage_after_login_ends_one_connection", garbage_after_login),
        test("protocol::half_open_start_up_is_dropped", half_open),
        test("protocol::row_limits_of_execute", row_limits),
        test("protocol::portals_of_ten_rows", portals_of_ten_rows),
        test("protocol::missing_names", missing_names),
        test("protocol::invalid_utf8", invalid_utf8),
        test("protocol::an_error_skips_to_sync", an_error_skips_to_sync),
        test("protocol::parameter_status", parameter_status),
        test("protocol::unknown_database", unknown_database),
        test("protocol::newer_version_is_negotiated", newer_version),
    ]
}

fn trusting() -> Weft {
    reads(&[&samples()]).setting("auth", "trust").start().unwrap()
}

async fn works(endpoint: &Endpoint) {
    let client = endpoint.connect().await.unwrap();
    assert_eq!(client.query_one("SELECT 41 + 1", &[]).await.unwrap().get::<_, i32>(0), 42);
}

fn tags(messages: &[Message]) -> String {
    messages.iter().map(|message| message.tag as char).collect()
}

fn rows(messages: &[Message]) -> usize {
    messages.iter().filter(|message| message.tag == b'D').count()
}

/// Catches: a refusal that tells which users there are, and a password that is not looked at.
async fn passwords() {
    let weft = Weft::start().unwrap();
    works(&weft.endpoint).await;
    let (state, wrong) = refusal(weft.endpoint.login("weft", "wrong").connect().await);
    assert_eq!(state, "28P01");
    let (state, unknown) = refusal(weft.endpoint.login("nobody", "wrong").connect().await);
    assert_eq!(state, "28P01");
    assert_eq!(wrong.replace("weft", "nobody"), unknown);
    let (state, empty) = refusal(weft.endpoint.login("weft", "").connect().await);
    assert_eq!((state.as_str(), empty), ("28P01", wrong));
    works(&weft.endpoint).await;
}

/// Catches: a stranger's bytes that end the gateway or another client, or are believed.
async fn start_up_garbage() {
    let weft = trusting();
    let port = weft.endpoint.port;
    let bystander = weft.connect().await.unwrap();
    let length = |length: u32, rest: &[u8]| [length.to_be_bytes().as_slice(), rest].concat();
    let whole = raw::startup(raw::VERSION, &[("user", "weft"), ("database", "lake")]);
    let garbage: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", vec![]),
        ("HTTP", b"GET / HTTP/1.1\r\nHost: weft\r\n\r\n".to_vec()),
        ("TLS without being offered", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("length 0", length(0, &[0; 64])),
        ("length 4", length(4, &[0; 64])),
        ("length 7", length(7, &[0; 64])),
        ("length beyond the limit", length(10_001, &[b'x'; 9_997])),
        ("length of 2 GiB", length(0x7fff_ffff, &[b'x'; 1024])),
        ("length of 4 GiB", length(0xffff_ffff, &[b'x'; 1024])),
        ("half a start-up message", whole[..whole.len() / 2].to_vec()),
        ("no end of the list", length(20, b"\x00\x03\x00\x00user\0weft\0x")),
        ("no user", raw::startup(raw::VERSION, &[("database", "lake")])),
        ("invalid UTF-8", length(16, b"\x00\x03\x00\x00user\0\xff\0\0")),
        ("version 2", raw::startup(2 << 16, &[("user", "weft")])),
        ("an unknown request", length(8, &80_877_199u32.to_be_bytes())),
        ("a cancel request without a body", length(8, &80_877_102u32.to_be_bytes())),
        ("a cancel request for nobody", length(16, b"\x04\xd2\x16\x2e\x7f\xff\xff\xff\x00\x00\x00\x01")),
    ];
    for (name, bytes) in garbage {
        let mut stranger = Raw::connect(port);
        stranger.send(&bytes);
        stranger.finish();
        let answer = stranger.until_end();
        assert!(answer.iter().all(|m| m.tag == b'E'), "{name}: {answer:?}");
        let one = bystander.query_one("SELECT 1", &[]).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(one.get::<_, i32>(0), 1, "{name}");
        works(&weft.endpoint).await;
    }
    assert!(!weft.log().contains("panic"), "{}", weft.log());
}

/// Catches: a broken frame that is waited for, skipped, or that takes memory for a length that was only claimed.
async fn garbage_after_login() {
    let weft = trusting();
    let bystander = weft.connect().await.unwrap();
    let frame = |tag: u8, length: u32| [&[tag], length.to_be_bytes().as_slice(), &[0; 16]].concat();
    for (name, bytes) in [
        ("unknown message", frame(b'y', 20)),
        ("length 0", frame(b'Q', 0)),
        ("length 3", frame(b'Q', 3)),
        ("longer than max_message_bytes", frame(b'Q', 64 * 1024 * 1024 + 5)),
        ("a length of 4 GiB", frame(b'P', 0xffff_ffff)),
    ] {
        let mut stranger = Raw::login(weft.endpoint.port, "lake");
        stranger.send(&bytes);
        let answer = stranger.until_end();
        let last = answer.last().unwrap_or_else(|| panic!("{name}: no reason was given"));
        assert_eq!((last.sqlstate().as_str(), last.fields()[&'S'].as_str()), ("08P01", "FATAL"), "{name}");
        bystander.query_one("SELECT 1", &[]).await.unwrap();
    }
    // What is malformed inside of a whole frame costs the statement, not the connection.
    let mut client = Raw::login(weft.endpoint.port, "lake");
    for bytes in [
        raw::framed(b'P', b"no end"),
        raw::framed(b'B', &[]),
        raw::framed(b'B', b"\0\0\xff\xff"),
        raw::framed(b'B', b"\0\0\0\0\x7f\xff"),
        raw::framed(b'D', b"X\0"),
        raw::framed(b'E', b"\0\0"),
        raw::framed(b'C', &[]),
    ] {
        let answer = client.ask(&[bytes.clone(), raw::sync()].concat());
        assert_eq!((tags(&answer).as_str(), answer[0].sqlstate().as_str()), ("EZ", "08P01"), "{bytes:?}");
    }
    let answer = client.ask(&raw::query("SELECT 1"));
    assert_eq!(tags(&answer), "TDCZ");
}

/// Catches: clients that never log in and keep their place.
async fn half_open() {
    let weft = reads(&[]).setting("auth", "trust").setting("authentication_timeout", "500ms").start().unwrap();
    let whole = raw::startup(raw::VERSION, &[("user", "weft"), ("database", "lake")]);
    let mut strangers: Vec<Raw> = (0..20).map(|_| Raw::connect(weft.endpoint.port)).collect();
    for (number, stranger) in strangers.iter_mut().enumerate() {
        stranger.send(&whole[..number.min(whole.len() - 1)]);
    }
    works(&weft.endpoint).await;
    for mut stranger in strangers {
        // A panic here says that it was not dropped: no byte and no end came within the limit of the socket.
        assert_eq!(stranger.until_end().len(), 0);
    }
    works(&weft.endpoint).await;
}

/// Catches: a limit read as unsigned, or that allocates what it allows.
async fn row_limits() {
    let weft = trusting();
    let mut client = Raw::login(weft.endpoint.port, "lake");
    let sql = "SELECT n FROM generate_series(1, 1000) AS g(n)";
    for limit in [0, -1, i32::MIN, i32::MAX, 1000, 1001] {
        let answer =
            client.ask(&[raw::parse("", sql), raw::bind("", ""), raw::execute("", limit), raw::sync()].concat());
        assert_eq!(rows(&answer), 1000, "limit {limit}");
        let end: String = tags(&answer).trim_start_matches(['1', '2', 'D']).to_owned();
        match limit {
            // PostgreSQL too does not look for a row beyond the last one that it may send.
            1000 => assert!(end == "sZ" || end == "CZ", "limit {limit}: {end}"),
            _ => {
                assert_eq!(end, "CZ", "limit {limit}");
                assert_eq!(answer[answer.len() - 2].texts(), ["SELECT 1000"], "limit {limit}");
            }
        }
    }
    // In portions: 999, then the last one, then nothing more.
    let portion = |limit| raw::execute("p", limit);
    let sent =
        [raw::parse("", sql), raw::bind("p", ""), portion(999), portion(999), portion(999), raw::sync()].concat();
    let answer = client.ask(&sent);
    assert_eq!(rows(&answer), 1000);
    let ends: Vec<_> = answer.iter().filter(|m| matches!(m.tag, b's' | b'C')).collect();
    assert_eq!(ends.iter().map(|m| m.tag as char).collect::<String>(), "sCC");
    assert_eq!((ends[1].texts()[0].as_str(), ends[2].texts()[0].as_str()), ("SELECT 1", "SELECT 0"));
}

/// Catches: portals that lose or repeat rows between portions, or that disturb each other.
async fn portals_of_ten_rows() {
    let weft = reads(&[&samples()]).start().unwrap();
    let endpoint = mount(&weft, "ny", &samples()).await;
    let mut client = endpoint.connect().await.unwrap();
    let sql = "SELECT faa FROM nyc.airports ORDER BY faa LIMIT 35";
    let expected: Vec<String> = client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    let transaction = client.transaction().await.unwrap();
    let (one, two) = (transaction.bind(sql, &[]).await.unwrap(), transaction.bind(sql, &[]).await.unwrap());
    let (mut first, mut second) = (Vec::<String>::new(), Vec::<String>::new());
    for size in [10, 10, 10, 5, 0] {
        for (portal, found) in [(&one, &mut first), (&two, &mut second)] {
            let rows = transaction.query_portal(portal, 10).await.unwrap();
            assert_eq!(rows.len(), size);
            found.extend(rows.iter().map(|row| row.get::<_, String>(0)));
        }
    }
    transaction.commit().await.unwrap();
    assert_eq!((&first, &second), (&expected, &expected));
}

/// Catches: another SQLSTATE than clients branch on, and a name that outlives its owner.
async fn missing_names() {
    let weft = trusting();
    let mut client = Raw::login(weft.endpoint.port, "lake");
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("execute a portal", "34000", raw::execute("nothing", 0)),
        ("describe a portal", "34000", raw::about(b'D', b'P', "nothing")),
        ("execute the unnamed portal", "34000", raw::execute("", 0)),
        ("bind a statement", "26000", raw::bind("", "nothing")),
        ("bind the unnamed statement", "26000", raw::bind("", "")),
        ("describe a statement", "26000", raw::about(b'D', b'S', "nothing")),
        (
            "a second statement of one name",
            "42P05",
            [raw::parse("s", "SELECT 1"), raw::parse("s", "SELECT 2")].concat(),
        ),
        ("a second portal of one name", "42P03", [raw::bind("p", "s"), raw::bind("p", "s")].concat()),
        ("a portal after the end of its transaction", "34000", raw::execute("p", 0)),
        ("a statement that was closed", "26000", [raw::about(b'C', b'S', "s"), raw::bind("", "s")].concat()),
    ];
    for (name, state, bytes) in cases {
        let answer = client.ask(&[bytes, raw::sync()].concat());
        let error = answer.iter().find(|m| m.tag == b'E').unwrap_or_else(|| panic!("{name}: {answer:?}"));
        assert_eq!(error.sqlstate(), state, "{name}");
    }
    let answer = client.ask(&[raw::about(b'C', b'P', "no"), raw::about(b'C', b'S', "no"), raw::sync()].concat());
    assert_eq!(tags(&answer), "33Z");
}

/// Catches: bytes that are believed to be text.
async fn invalid_utf8() {
    let weft = trusting();
    let mut client = Raw::login(weft.endpoint.port, "lake");
    let answer = client.ask(&raw::framed(b'Q', b"SELECT '\xc3\x28'\0"));
    assert_eq!((tags(&answer).as_str(), answer[0].sqlstate().as_str()), ("EZ", "22021"));
    let answer = client.ask(&[raw::framed(b'P', b"\0SELECT '\xff'\0\0\0"), raw::sync()].concat());
    assert_eq!((tags(&answer).as_str(), answer[0].sqlstate().as_str()), ("EZ", "22021"));
    // A parameter, as text.
    let value = b"\xe2\x82";
    let bind = [b"\0\0\0\0\0\x01\0\0\0\x02".as_slice(), value, b"\0\0"].concat();
    let answer = client.ask(&[raw::parse("", "SELECT $1::text"), raw::framed(b'B', &bind), raw::sync()].concat());
    assert_eq!((tags(&answer).as_str(), answer[1].sqlstate().as_str()), ("1EZ", "22021"));
    assert_eq!(tags(&client.ask(&raw::query("SELECT 'é'"))), "TDCZ");
}

/// Catches: messages that are answered after an error, and a Sync that is lost.
async fn an_error_skips_to_sync() {
    let weft = trusting();
    let mut client = Raw::login(weft.endpoint.port, "lake");
    let run = |sql: &str| [raw::parse("", sql), raw::bind("", ""), raw::execute("", 0)].concat();
    let sent =
        [run("SELECT 1"), run("SELECT nothing"), run("SELECT 2"), raw::sync(), run("SELECT 3"), raw::sync()].concat();
    client.send(&sent);
    let first = client.until_ready();
    assert_eq!((tags(&first).as_str(), first[4].sqlstate().as_str()), ("12DCEZ", "42703"));
    assert_eq!(tags(&client.until_ready()), "12DCZ");
    // Several statements in one message: those before the error have answered, those after it are not run.
    let answer = client.ask(&raw::query("SELECT 1; SELECT 2; SELECT nothing; SELECT 3"));
    assert_eq!(tags(&answer), "TDCTDCEZ");
    assert_eq!(tags(&client.ask(&raw::query(""))), "IZ");
    assert_eq!(tags(&client.ask(&raw::query(" ; -- nothing"))), "IZ");
}

/// Catches: drivers that go on with the settings of before.
async fn parameter_status() {
    let weft = trusting();
    let mut client = Raw::connect(weft.endpoint.port);
    client.send(&raw::startup(raw::VERSION, &[("user", "weft"), ("application_name", "probe")]));
    let greeting = client.until_ready();
    let status = |messages: &[Message]| -> Vec<Vec<String>> {
        messages.iter().filter(|m| m.tag == b'S').map(Message::texts).collect()
    };
    let told = status(&greeting);
    for (name, value) in [
        ("server_version", "16.4"),
        ("server_encoding", "UTF8"),
        ("client_encoding", "UTF8"),
        ("DateStyle", "ISO, MDY"),
        ("IntervalStyle", "postgres"),
        ("TimeZone", "UTC"),
        ("integer_datetimes", "on"),
        ("standard_conforming_strings", "on"),
        ("is_superuser", "on"),
        ("session_authorization", "weft"),
        ("application_name", "probe"),
    ] {
        assert!(told.contains(&vec![name.to_owned(), value.to_owned()]), "{name}: {told:?}");
    }
    let zone = |zone: &str| vec![vec!["TimeZone".to_owned(), zone.to_owned()]];
    assert_eq!(status(&client.ask(&raw::query("SET TimeZone = 'Europe/Berlin'"))), zone("Europe/Berlin"));
    assert!(status(&client.ask(&raw::query("SET TimeZone = 'Europe/Berlin'"))).is_empty());
    assert!(status(&client.ask(&raw::query("SET extra_float_digits = 0"))).is_empty());
    client.ask(&raw::query("BEGIN"));
    assert_eq!(status(&client.ask(&raw::query("SET LOCAL TimeZone = 'Asia/Tokyo'"))), zone("Asia/Tokyo"));
    assert_eq!(status(&client.ask(&raw::query("ROLLBACK"))), zone("Europe/Berlin"));
    let extended = [raw::parse("", "RESET TimeZone"), raw::bind("", ""), raw::execute("", 0), raw::sync()].concat();
    assert_eq!(status(&client.ask(&extended)), zone("UTC"));
}

/// Catches: a session in a catalog that does not exist.
async fn unknown_database() {
    let weft = Weft::start().unwrap();
    let Err(error) = weft.endpoint.database("nowhere").connect().await else { panic!("connected to nothing") };
    let error = error.as_db_error().unwrap().clone();
    assert_eq!(error.code().code(), "3D000", "{error}");
    assert!(error.message().contains("\"nowhere\" does not exist"), "{error}");
    let told = format!("{:?} {:?}", error.detail(), error.hint());
    assert!(told.contains("lake"), "{told}");
    works(&weft.endpoint.database("postgres")).await;
    works(&weft.endpoint.database("system")).await;
}

/// Catches: clients of PostgreSQL 18 that are turned away.
async fn newer_version() {
    let weft = trusting();
    let mut client = Raw::connect(weft.endpoint.port);
    client.send(&raw::startup((3 << 16) | 9999, &[("user", "weft"), ("_pq_.unheard", "1")]));
    let greeting = client.until_ready();
    let negotiated = &greeting[0];
    assert_eq!(negotiated.tag, b'v', "{greeting:?}");
    assert!(negotiated.body.ends_with(b"\0\0\0\x01_pq_.unheard\0"), "{negotiated:?}");
    assert_eq!(tags(&client.ask(&raw::query("SELECT 1"))), "TDCZ");
}
