//! Text to one query.

use datafusion::sql::sqlparser::{
    ast::{Query, Statement},
    keywords::Keyword,
    parser::{Parser, ParserError},
    tokenizer::{Token, TokenWithSpan, Tokenizer},
};

use super::{
    cast_types,
    dialect::Lake,
    store_ids::{self, Quoted},
};
use crate::error::SqlError;

/// How deep parentheses, subqueries and expressions may nest in the text.
const NESTING: usize = 100;

/// How deep words may nest behind which the parser tries again.
const RETRIES: usize = 12;
const RETRIED: [Keyword; 14] = [
    Keyword::CAST,
    Keyword::TRY_CAST,
    Keyword::EXISTS,
    Keyword::EXTRACT,
    Keyword::CEIL,
    Keyword::FLOOR,
    Keyword::POSITION,
    Keyword::SUBSTRING,
    Keyword::SUBSTR,
    Keyword::OVERLAY,
    Keyword::TRIM,
    Keyword::NOT,
    Keyword::ARRAY,
    Keyword::CONVERT,
];

pub(crate) struct Parsed {
    pub(crate) query: Box<Query>,
    quoted: Quoted,
}

impl Parsed {
    /// Moves an error's place from the parsed text to the user's.
    pub(crate) fn locate(&self, error: SqlError) -> SqlError {
        locate(&self.quoted, error)
    }
}

/// Parses exactly one SELECT, with or without a semicolon behind it.
pub(crate) fn parse(statement: &str) -> Result<Parsed, SqlError> {
    let quoted = store_ids::quote(statement);
    match parse_quoted(&quoted.text) {
        Ok(query) => Ok(Parsed { query, quoted }),
        Err(error) => Err(locate(&quoted, error)),
    }
}

fn locate(quoted: &Quoted, mut error: SqlError) -> SqlError {
    error.position = error.position.map(|position| quoted.original(position.line, position.column));
    error
}

fn parse_quoted(text: &str) -> Result<Box<Query>, SqlError> {
    let tokens = Tokenizer::new(&Lake, text)
        .tokenize_with_location()
        .map_err(|error| SqlError::invalid(error.message).at(error.location.line, error.location.column))?;
    only_select(&tokens)?;
    bounded_retries(&tokens)?;
    let tokens = cast_types::fold(tokens);
    let mut statements = Parser::new(&Lake)
        .with_recursion_limit(NESTING)
        .with_tokens_with_locations(tokens)
        .parse_statements()
        .map_err(syntax_error)?;
    match (statements.pop(), statements.pop()) {
        (Some(Statement::Query(query)), None) => Ok(query),
        (Some(_), Some(_)) => Err(SqlError::unsupported("there are several statements; a query is one SELECT")),
        _ => Err(SqlError::unsupported("only SELECT statements are carried out")),
    }
}

/// Whether the first word begins a query. Anything else is named before the parser sees it.
fn only_select(tokens: &[TokenWithSpan]) -> Result<(), SqlError> {
    let first = tokens.iter().find(|token| !matches!(token.token, Token::Whitespace(_)));
    let Some(first) = first else { return Err(SqlError::invalid("the statement is empty; write a SELECT")) };
    let start = first.span.start;
    match &first.token {
        Token::LParen => Ok(()),
        Token::Word(word)
            if matches!(word.keyword, Keyword::SELECT | Keyword::WITH | Keyword::VALUES | Keyword::TABLE) =>
        {
            Ok(())
        }
        Token::EOF | Token::SemiColon => Err(SqlError::invalid("the statement is empty; write a SELECT")),
        other => Err(SqlError::unsupported(format!("only SELECT statements are carried out, not {other}"))
            .at(start.line, start.column)),
    }
}

/// The parser reads what follows CASE, CAST and their like a second time when it cannot be read the first time. The time
/// that takes doubles with each level, so levels are few.
fn bounded_retries(tokens: &[TokenWithSpan]) -> Result<(), SqlError> {
    let mut parentheses = Vec::new();
    let (mut cases, mut prefixes, mut opens) = (0_usize, 0_usize, false);
    for token in tokens {
        let keyword = match &token.token {
            Token::Whitespace(_) => continue,
            Token::Word(word) => word.keyword,
            _ => Keyword::NoKeyword,
        };
        match &token.token {
            Token::LParen => parentheses.push(std::mem::take(&mut opens)),
            Token::RParen => drop(parentheses.pop()),
            _ if keyword == Keyword::CASE => cases += 1,
            _ if keyword == Keyword::END => cases = cases.saturating_sub(1),
            _ => {}
        }
        opens = RETRIED.contains(&keyword);
        if matches!(keyword, Keyword::NOT | Keyword::INTERVAL) {
            prefixes += 1;
        } else if token.token != Token::LParen {
            prefixes = 0;
        }
        if cases + prefixes + parentheses.iter().filter(|retried| **retried).count() > RETRIES {
            let message = format!("CASE, CAST, NOT and their like nest deeper than {RETRIES} levels");
            return Err(SqlError::unsupported(message).at(token.span.start.line, token.span.start.column));
        }
    }
    Ok(())
}

fn syntax_error(error: ParserError) -> SqlError {
    let message = match error {
        ParserError::RecursionLimitExceeded => {
            return SqlError::unsupported(format!("the statement nests deeper than {NESTING} levels"));
        }
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
    };
    let (text, place) = message.rsplit_once(" at Line: ").unwrap_or((&message, ""));
    let (line, column) = place.split_once(", Column: ").unwrap_or_default();
    let hint = if text.ends_with("found: <") { "; put the id of your event data store in place of <…>" } else { "" };
    let text = text.strip_prefix("Expected: ").map_or_else(|| text.to_owned(), |rest| format!("expected {rest}"));
    SqlError::invalid(format!("{text}{hint}")).at(line.parse().unwrap_or(0), column.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(statement: &str) -> String {
        parse(statement).map(|parsed| parsed.query.to_string()).unwrap_err().to_string()
    }

    #[test]
    fn one_select_is_read_with_comments_and_a_semicolon() {
        for statement in [
            "SELECT 1",
            "select 1;",
            " -- why\nSELECT /* what */ 1 ;",
            "WITH a AS (SELECT 1) SELECT * FROM a",
            "(SELECT 1)",
            "VALUES (1, 2)",
            "SELECT transform(a, x -> x + 1), reduce(a, 0, (s, x) -> s + x, s -> s) FROM t",
            "SELECT CAST(a AS map(varchar, json)), TRY_CAST(b AS array(row(x bigint, \"y z\" varchar))) FROM t",
            "SELECT * FROM t CROSS JOIN UNNEST(a, b) WITH ORDINALITY AS u (x, y, n)",
            "SELECT * FROM t ORDER BY 1 OFFSET 2 ROWS FETCH FIRST 5 ROWS ONLY",
            "SELECT * FROM t LIMIT ALL",
        ] {
            assert!(parse(statement).is_ok(), "{statement}: {}", refused(statement));
        }
    }

    #[test]
    fn everything_else_is_refused_by_name_and_place() {
        for (statement, says) in [
            ("", "the statement is empty; write a SELECT"),
            (";", "the statement is empty; write a SELECT"),
            (" DROP TABLE x", "line 1, column 2: only SELECT statements are carried out, not DROP"),
            ("EXPLAIN SELECT 1", "line 1, column 1: only SELECT statements are carried out, not EXPLAIN"),
            ("SELECT 1; SELECT 2", "there are several statements; a query is one SELECT"),
        ] {
            assert!(refused(statement).contains(says), "{statement}: {}", refused(statement));
        }
    }

    #[test]
    fn places_count_in_the_text_as_written() {
        let id = "0b2e9a1c-1111-4222-8333-abcdefabcdef";

        let error = parse(&format!("SELECT 1 FROM {id} WHERE )")).map(|_| ()).unwrap_err();

        assert_eq!(error.position.map(|position| position.column), Some(14 + 36 + 8));
        assert!(refused("SELECT 1 FROM <eds-id>").contains("put the id of your event data store"));
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000));

        let thread = std::thread::Builder::new().stack_size(crate::engine::STACK);
        let refused = thread.spawn(move || refused(&deep)).unwrap().join().unwrap();

        assert!(refused.contains("nests deeper"));
    }
}
