//! What a client's library says of a statement in a comment, by the convention of sqlcommenter: `SELECT 1 /*traceparent='00-…'*/`. Of what may stand there
//! only the place in a trace is read. Source: https://google.github.io/sqlcommenter/spec/

use crate::lexeme::Lexeme;
use crate::statement::Statement;
use sqlparser::tokenizer::Token;
use weft_core::trace::TraceContext;

const KEY: &str = "traceparent='";

/// Finds the comment of each statement: behind it, or else before it; of the last one also behind its semicolon.
pub(crate) fn callers(message: &str, lexemes: &[Lexeme], statements: &mut [Statement]) {
    if !message.contains(KEY) {
        return;
    }
    let mut statements = statements.iter_mut().peekable();
    let mut from = 0;
    for tokens in lexemes.split_inclusive(|l| l.token.token == Token::SemiColon) {
        let (semicolon, words) = match tokens.split_last() {
            Some((last, words)) if last.token.token == Token::SemiColon => (Some(last), words),
            _ => (None, tokens),
        };
        let before = std::mem::replace(&mut from, semicolon.map_or(message.len(), |semicolon| semicolon.end));
        let (Some(first), Some(last)) = (words.first(), words.last()) else { continue };
        let Some(statement) = statements.next() else { return };
        let until = semicolon.map_or(message.len(), |semicolon| semicolon.start);
        let behind = || message.get(last.end..until).and_then(caller);
        let after_all = || statements.peek().is_none().then(|| message.get(until..).and_then(caller)).flatten();
        statement.caller = behind().or_else(|| message.get(before..first.start).and_then(caller)).or_else(after_all);
    }
}

/// What the text between two statements says: it has nothing but comments and white space in it.
fn caller(comments: &str) -> Option<TraceContext> {
    let (_, value) = comments.rsplit_once(KEY)?;
    TraceContext::read(value.split_once('\'')?.0)
}

#[cfg(test)]
mod tests {
    use crate::parse::parse;

    fn comment(number: u32) -> String {
        format!("/*route='%2Fpolls',traceparent='00-{number:032x}-00f067aa0ba902b7-01'*/")
    }

    fn found(message: &str) -> Vec<u128> {
        let statements = parse(message).expect(message);
        statements.iter().map(|s| s.caller.map_or(0, |caller| caller.trace_id)).collect()
    }

    #[test]
    fn each_statement_has_its_own_comment() {
        let (one, two) = (comment(1), comment(2));
        assert_eq!(found(&format!("SELECT 1 {one}")), [1]);
        assert_eq!(found(&format!("SELECT 1 {one}; ")), [1]);
        assert_eq!(found(&format!("SELECT 1; {one}")), [1]);
        assert_eq!(found(&format!("{one} SELECT 1")), [1]);
        assert_eq!(found(&format!("SELECT 1 {one}; SELECT 2 {two};")), [1, 2]);
        assert_eq!(found(&format!(";{one} SELECT 1;; {two} SELECT 2")), [1, 2]);
        assert_eq!(found(&format!("SELECT 1; SELECT 2 {two}")), [0, 2]);
        // The text, by which plans are kept, is the same for all traces.
        assert_eq!(parse(&format!("SELECT 1 {one}")).expect("one")[0].text, "SELECT 1");
    }

    #[test]
    fn what_is_no_comment_is_none() {
        let one = comment(1);
        for message in [format!("SELECT '{}'", one.replace('\'', "''")), format!("SELECT $$ {one} $$")] {
            assert_eq!(found(&message), [0], "{message}");
        }
        assert_eq!(found("SELECT 1 /*traceparent='*/"), [0]);
        assert_eq!(found("SELECT 1 /*traceparent='00-1-2-3'*/"), [0]);
        assert_eq!(found("SELECT 1 /*traceparent=''*/"), [0]);
    }
}
