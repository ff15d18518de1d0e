//! The type in `CAST(x AS type)` becomes one quoted word, because Trino's `array(…)`, `map(…)` and `row(…)` are no
//! types to the parser. [`crate::plan::types`] reads the word.

use datafusion::sql::sqlparser::{
    keywords::Keyword,
    tokenizer::{Token, TokenWithSpan, Word},
};

pub(super) fn fold(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut folded = Vec::with_capacity(tokens.len());
    // The depth of parentheses at each open CAST, and the depth now.
    let mut casts = Vec::new();
    let mut depth = 0_usize;
    let mut after_cast = false;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token.token {
            Token::LParen => {
                depth += 1;
                if after_cast {
                    casts.push(depth);
                }
            }
            Token::RParen => {
                if casts.last() == Some(&depth) {
                    casts.pop();
                }
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        let is_as = matches!(&token.token, Token::Word(word) if word.keyword == Keyword::AS);
        after_cast = match &token.token {
            Token::Word(word) => matches!(word.keyword, Keyword::CAST | Keyword::TRY_CAST),
            Token::Whitespace(_) => after_cast,
            _ => false,
        };
        folded.push(token);
        if is_as && casts.last() == Some(&depth) {
            folded.extend(type_word(&mut tokens));
        }
    }
    folded
}

/// Everything up to the parenthesis that closes the CAST.
fn type_word(tokens: &mut std::iter::Peekable<std::vec::IntoIter<TokenWithSpan>>) -> Option<TokenWithSpan> {
    let mut text = String::new();
    let mut span = None;
    let mut depth = 0_usize;
    while let Some(token) = tokens.next_if(|next| depth > 0 || next.token != Token::RParen) {
        match token.token {
            Token::EOF => break,
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        if !matches!(token.token, Token::Whitespace(_)) {
            span.get_or_insert(token.span);
        }
        text.push_str(&token.token.to_string());
    }
    let value = text.trim().to_owned();
    Some(TokenWithSpan {
        token: Token::Word(Word { value, quote_style: Some('"'), keyword: Keyword::NoKeyword }),
        span: span?,
    })
}
