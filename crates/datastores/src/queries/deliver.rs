//! Results to a bucket: CSV files in gzip, and a file that signs them.
//!
//! Source: "CloudTrail sign file structure" in the CloudTrail user guide, and `aws cloudtrail verify-query-results`.

use std::{
    fs::File,
    io::{BufReader, Write},
};

use arrow_ipc::reader::FileReader;
use bytes::Bytes;
use flate2::{Compression, GzBuilder};
use keeptrail_clock::Timestamp;
use serde::Serialize;

use super::{
    Queries,
    model::{Delivery, DeliveryStatus, Query},
    ports::{ResultFile, ResultProblem},
    results::{ResultsError, columns, row_of},
    sign::hash,
};
use crate::place::Place;

/// A file ends at about so many bytes. AWS's end at a terabyte; ours are held in memory.
const FILE_BYTES: usize = 16 << 20;

/// The file that signs the others.
const SIGN_FILE: &str = "result_sign.json";

/// `result_sign.json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignFile<'a> {
    version: &'static str,
    region: &'a str,
    files: Vec<SignedFile>,
    hash_algorithm: &'static str,
    signature_algorithm: &'static str,
    query_complete_time: String,
    hash_signature: String,
    public_key_fingerprint: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignedFile {
    file_hash_value: String,
    file_name: String,
}

/// Why results were not delivered, as DescribeQuery shows it.
struct Undelivered {
    status: DeliveryStatus,
    reason: String,
}

impl From<ResultProblem> for Undelivered {
    fn from(problem: ResultProblem) -> Self {
        let status = match problem {
            ResultProblem::NoBucket => DeliveryStatus::ResourceNotFound,
            ResultProblem::Policy => DeliveryStatus::AccessDenied,
            ResultProblem::Unavailable(_) | ResultProblem::Store(_) => DeliveryStatus::Failed,
        };
        Self { status, reason: problem.to_string() }
    }
}

impl Undelivered {
    fn failed(error: impl std::fmt::Display) -> Self {
        Self { status: DeliveryStatus::Failed, reason: error.to_string() }
    }

    /// The same, for the file that signs the others.
    fn signing(self) -> Self {
        let status = match self.status {
            DeliveryStatus::AccessDenied => DeliveryStatus::AccessDeniedSigningFile,
            _ => DeliveryStatus::FailedSigningFile,
        };
        Self { status, ..self }
    }
}

impl Queries {
    /// Delivers a query's results. The files follow from the results alone: doing it again changes nothing.
    pub(super) async fn deliver(&self, place: &Place, query: &Query, delivery: &Delivery) -> DeliveryStatus {
        match self.try_deliver(place, query, delivery).await {
            Ok(()) => DeliveryStatus::Success,
            Err(Undelivered { status, reason }) => {
                tracing::warn!(query = place.id, bucket = delivery.to.bucket, reason, "results were not delivered");
                status
            }
        }
    }

    async fn try_deliver(&self, place: &Place, query: &Query, delivery: &Delivery) -> Result<(), Undelivered> {
        let folder = delivery.to.folder(&place.account, query.created, &query.id);
        let stores: Vec<String> = query.stores.iter().map(|store| place.store_arn(store)).collect();
        let store_arn = stores.first().map(String::as_str).unwrap_or_default();
        let tx = self.ledger.begin();
        for arn in &stores {
            self.sink.check(&tx, &place.account, &delivery.to.bucket, &folder, arn).await?;
        }
        drop(tx);
        let put = async |name: &str, content_type: &'static str, body: Bytes| {
            let key = format!("{folder}{name}");
            let (account, bucket) = (place.account.as_str(), delivery.to.bucket.as_str());
            self.sink.put(&ResultFile { account, bucket, key: &key, store_arn, content_type, body }).await
        };
        let reader = self.results.reader(place).map_err(Undelivered::failed)?;
        let mut parts = Some(Parts { columns: columns(&reader), reader, created: query.created });
        let mut files = Vec::new();
        while let Some(rest) = parts.take() {
            let packed = tokio::task::spawn_blocking(move || rest.pack()).await.map_err(Undelivered::failed)?;
            let (body, rest) = packed.map_err(Undelivered::failed)?;
            let file_name = format!("result_{}.csv.gz", files.len() + 1);
            let file_hash_value = hash(&body);
            put(&file_name, "application/gzip", body).await?;
            files.push(SignedFile { file_hash_value, file_name });
            parts = rest;
        }
        let sign_file = self.sign(place, query, files).await.map_err(Undelivered::signing)?;
        put(SIGN_FILE, "application/json", sign_file).await.map_err(|problem| Undelivered::from(problem).signing())
    }

    async fn sign(&self, place: &Place, query: &Query, files: Vec<SignedFile>) -> Result<Bytes, Undelivered> {
        let signer = self.signer(&place.region).await.map_err(Undelivered::failed)?;
        let hashes: Vec<_> = files.iter().map(|file| file.file_hash_value.as_str()).collect();
        let hash_signature = signer.sign(&hashes.join(" ")).map_err(Undelivered::failed)?;
        let sign_file = SignFile {
            version: "1.0",
            region: &place.region,
            files,
            hash_algorithm: "SHA-256",
            signature_algorithm: "SHA256withRSA",
            query_complete_time: format!("{:.0}", query.ended.unwrap_or(query.created)),
            hash_signature,
            public_key_fingerprint: signer.fingerprint,
        };
        serde_json::to_vec(&sign_file).map(Bytes::from).map_err(Undelivered::failed)
    }
}

/// Results on their way into files.
struct Parts {
    reader: FileReader<BufReader<File>>,
    columns: Vec<String>,
    created: Timestamp,
}

impl Parts {
    /// The next file, and what is left. Every file has a comment with the query's time, as AWS's have, and a heading.
    fn pack(mut self) -> Result<(Bytes, Option<Self>), ResultsError> {
        let mut packed = GzBuilder::new().write(Vec::new(), Compression::default());
        writeln!(packed, "# Execution Time: {}", self.created)?;
        let mut lines = csv::Writer::from_writer(packed);
        lines.write_record(&self.columns).map_err(std::io::Error::from)?;
        let mut full = false;
        for batch in self.reader.by_ref() {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                let row = row_of(&batch, row);
                lines
                    .write_record(row.iter().map(|value| value.as_deref().unwrap_or_default()))
                    .map_err(std::io::Error::from)?;
            }
            full = lines.get_ref().get_ref().len() >= FILE_BYTES;
            if full {
                break;
            }
        }
        let packed = lines.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?.finish()?;
        Ok((Bytes::from(packed), full.then_some(self)))
    }
}
