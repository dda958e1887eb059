//! What DuckDB gets when it asks for an object: S3's protocol as far as it is needed to read one. It must not know where bytes come from.

use super::block::blocks;
use super::stock::{Stock, Wanted};
use super::visit::{Guest, Object, Visits};
use crate::request::Why;
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{
    ACCEPT_RANGES, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, LAST_MODIFIED, RANGE,
};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// Blocks that are read from the disk ahead of the one that is being sent.
const READ_AHEAD: usize = 4;

/// The body of an answer.
type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Where DuckDB asks.
pub(super) struct Desk {
    visits: Arc<Visits>,
    stock: Arc<Stock>,
}

/// What is asked for, by whom.
struct Question {
    guest: Arc<Guest>,
    bucket: String,
    key: String,
}

impl Desk {
    /// Answers those who are admitted.
    pub(super) fn new(visits: Arc<Visits>, stock: Arc<Stock>) -> Desk {
        Desk { visits, stock }
    }

    /// The answer. One that goes wrong says only that: why is noted with the statement.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (head, _) = request.into_parts();
        let question = match self.read(&head) {
            Ok(question) => question,
            Err(status) => return bare(status),
        };
        let left = question.guest.left.clone();
        let answer = async {
            match head.method {
                Method::HEAD => self.describe(&question).await,
                Method::GET => self.send(&question, &head.headers).await,
                _ => Ok(bare(StatusCode::METHOD_NOT_ALLOWED)),
            }
        };
        let answer = tokio::select! {
            answer = answer => answer,
            () = left.cancelled() => return bare(StatusCode::FORBIDDEN),
        };
        answer.unwrap_or_else(|why| {
            question.guest.fail(&question.bucket, &question.key, why.clone());
            bare(match why {
                Why::Status(code, _) => StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY),
                Why::Changed => StatusCode::PRECONDITION_FAILED,
                Why::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
            })
        })
    }

    fn read(&self, head: &Parts) -> Result<Question, StatusCode> {
        let pass = pass(&head.headers).ok_or(StatusCode::FORBIDDEN)?;
        let guest = self.visits.guest(pass).ok_or(StatusCode::FORBIDDEN)?;
        if head.uri.query().is_some() {
            return Err(StatusCode::NOT_IMPLEMENTED);
        }
        let path = percent_decode_str(head.uri.path()).decode_utf8().map_err(|_| StatusCode::BAD_REQUEST)?;
        let (bucket, key) =
            path.strip_prefix('/').and_then(|path| path.split_once('/')).ok_or(StatusCode::BAD_REQUEST)?;
        Ok(Question { guest, bucket: bucket.to_owned(), key: key.to_owned() })
    }

    async fn describe(&self, question: &Question) -> Result<Response<Body>, Why> {
        let object = question.guest.object(&question.bucket, &question.key).await?;
        Ok(response(StatusCode::OK, &object, object.meta.size))
    }

    async fn send(&self, question: &Question, headers: &HeaderMap) -> Result<Response<Body>, Why> {
        let object = question.guest.object(&question.bucket, &question.key).await?;
        let size = object.meta.size;
        let asked = headers.get(RANGE).map(|range| range.to_str().ok().and_then(|range| read_range(range, size)));
        let (status, range) = match asked {
            None => (StatusCode::OK, 0..size),
            Some(Some(range)) => (StatusCode::PARTIAL_CONTENT, range),
            Some(None) => return Err(Why::Status(416, String::new())),
        };
        let mut answer = response(status, &object, range.end - range.start);
        if status == StatusCode::PARTIAL_CONTENT
            && let Ok(value) = HeaderValue::try_from(format!("bytes {}-{}/{size}", range.start, range.end - 1))
        {
            answer.headers_mut().insert(CONTENT_RANGE, value);
        }
        let mut bytes = self.bytes(question, &object, range).await?.boxed();
        // What goes wrong at the beginning can still be told.
        let first = bytes.next().await.transpose()?;
        let (guest, bucket, key) = (question.guest.clone(), question.bucket.clone(), question.key.clone());
        let left = guest.left.clone();
        let rest = stream::iter(first.map(Ok)).chain(bytes).map_err(move |why| {
            let told = io::Error::other(format!("{why:?}"));
            guest.fail(&bucket, &key, why);
            told
        });
        // A body that ends early breaks the connection off, as it should.
        let rest = rest.take_until(left.cancelled_owned()).map_ok(Frame::data);
        *answer.body_mut() = StreamBody::new(rest).boxed_unsync();
        Ok(answer)
    }

    /// The bytes, from the cache if they can be kept there.
    async fn bytes(
        &self,
        question: &Question,
        object: &Arc<Object>,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, Why>>, Why> {
        if range.is_empty() {
            return Ok(stream::empty().boxed());
        }
        let traffic = question.guest.traffic.clone();
        let wanted = Wanted::new(object, &traffic).filter(|_| self.stock.is_open());
        let stock = self.stock.clone();
        let Some(wanted) = wanted else {
            let bytes = object.origin.read(&object.meta, range).await?;
            let counted = bytes.inspect_ok(move |bytes| {
                traffic.add_fetched(bytes.len() as u64);
                stock.passed(bytes.len() as u64);
            });
            return Ok(counted.boxed());
        };
        let parts = stream::iter(blocks(&range)).map(move |number| {
            let (stock, wanted, range) = (stock.clone(), wanted.clone(), range.clone());
            async move { stock.part(&wanted, &range, number).await }
        });
        Ok(parts.buffered(READ_AHEAD).boxed())
    }
}

/// Whose right to ask a request claims: what DuckDB signs with.
fn pass(headers: &HeaderMap) -> Option<&str> {
    let (_, credential) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once("Credential=")?;
    credential.split_once('/').map(|(pass, _)| pass)
}

/// `bytes=from-to`, or `bytes=from-`, as far as the object has them; none if it has none of them, or if it is something else.
fn read_range(text: &str, size: u64) -> Option<Range<u64>> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let from: u64 = from.parse().ok()?;
    let end = if to.is_empty() { size } else { to.parse::<u64>().ok()?.saturating_add(1).min(size) };
    (from < end).then_some(from..end)
}

/// An answer about the object, without a body yet.
fn response(status: StatusCode, object: &Object, length: u64) -> Response<Body> {
    let mut response = bare(status);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, length.into());
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(Ok(tag)) = object.meta.e_tag.as_deref().map(HeaderValue::from_str) {
        headers.insert(ETAG, tag);
    }
    let modified = object.meta.last_modified.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(modified) = HeaderValue::try_from(modified) {
        headers.insert(LAST_MODIFIED, modified);
    }
    response
}

fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (text, range) in [
            ("bytes=0-0", Some(0..1)),
            ("bytes=3-", Some(3..10)),
            ("bytes=3-99", Some(3..10)),
            ("bytes=10-", None),
            ("bytes=-5", None),
            ("bytes=5-4", None),
            ("bytes=x-y", None),
            ("bytes=0-18446744073709551615", Some(0..10)),
        ] {
            assert_eq!(read_range(text, 10), range, "{text}");
        }
    }

    #[test]
    fn a_pass_is_what_was_signed_with() {
        let mut headers = HeaderMap::new();
        assert_eq!(pass(&headers), None);
        let signed = "AWS4-HMAC-SHA256 Credential=abc/20261122/eu/s3/aws4_request, SignedHeaders=host, Signature=0";
        headers.insert(AUTHORIZATION, HeaderValue::from_static(signed));
        assert_eq!(pass(&headers), Some("abc"));
    }
}
