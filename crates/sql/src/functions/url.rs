//! Parts of URLs; NULL for what is no URL.

use arrow::{
    array::ArrayRef,
    datatypes::{DataType, FieldRef},
};
use datafusion::common::Result;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

use super::function::{Function, Kind, Returns, data_error, rows, text, text_at, texts, wholes};

pub(crate) fn table() -> Vec<Function> {
    const TEXT: Returns = Returns::Type(&DataType::Utf8);
    const ONE: &[Kind] = &[Kind::Text];
    vec![
        Function::new("url_extract_host", ONE, TEXT, |arguments, _| part(arguments, |url| url.host_str())),
        Function::new("url_extract_path", ONE, TEXT, |arguments, _| part(arguments, |url| Some(url.path()))),
        Function::new("url_extract_protocol", ONE, TEXT, |arguments, _| part(arguments, |url| Some(url.scheme()))),
        Function::new("url_extract_query", ONE, TEXT, |arguments, _| {
            part(arguments, |url| Some(url.query().unwrap_or("")))
        }),
        Function::new("url_extract_fragment", ONE, TEXT, |arguments, _| {
            part(arguments, |url| Some(url.fragment().unwrap_or("")))
        }),
        Function::new("url_extract_port", ONE, Returns::Type(&DataType::Int64), port),
        Function::new("url_extract_parameter", &[Kind::Text, Kind::Text], TEXT, parameter),
        Function::new("url_encode", ONE, TEXT, encode),
        Function::new("url_decode", ONE, TEXT, decode),
    ]
}

fn part(arguments: &[ArrayRef], of: impl Fn(&Url) -> Option<&str>) -> Result<ArrayRef> {
    let urls = text(arguments, 0)?;
    texts(rows(arguments), |row| {
        let url = text_at(urls, row).and_then(|url| Url::parse(url).ok());
        Ok(url.and_then(|url| of(&url).map(str::to_owned)))
    })
}

fn port(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let urls = text(arguments, 0)?;
    wholes(rows(arguments), |row| {
        let url = text_at(urls, row).and_then(|url| Url::parse(url).ok());
        Ok(url.and_then(|url| url.port()).map(i64::from))
    })
}

fn parameter(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (urls, names) = (text(arguments, 0)?, text(arguments, 1)?);
    texts(rows(arguments), |row| {
        let (Some(url), Some(name)) = (text_at(urls, row), text_at(names, row)) else { return Ok(None) };
        let Ok(url) = Url::parse(url) else { return Ok(None) };
        Ok(url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()))
    })
}

fn encode(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    const KEPT: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*');
    let values = text(arguments, 0)?;
    texts(rows(arguments), |row| {
        Ok(text_at(values, row).map(|value| utf8_percent_encode(value, KEPT).to_string().replace("%20", "+")))
    })
}

fn decode(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let values = text(arguments, 0)?;
    texts(rows(arguments), |row| {
        let Some(value) = text_at(values, row) else { return Ok(None) };
        match percent_decode_str(&value.replace('+', " ")).decode_utf8() {
            Ok(decoded) => Ok(Some(decoded.into_owned())),
            Err(_) => data_error(format!("{value:?} decodes to bytes that are no text")),
        }
    })
}
