//! Results on disk: one Arrow file a query, all columns text, written in chunks so that any page is read at once.
//!
//! Not in the store: results may be gigabytes, and the store is what secrets wait for. A file is written beside its place,
//! synced, renamed, and counts when the query's row says so; the others are swept at the start.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow::{
    array::{Array, AsArray, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema, SchemaRef},
    error::ArrowError,
};
use arrow_ipc::{
    CompressionType,
    reader::FileReader,
    writer::{FileWriter, IpcWriteOptions},
};
use tempfile::NamedTempFile;

use crate::place::Place;

/// A chunk ends at so many rows: the largest page.
const CHUNK_ROWS: usize = 1_000;
/// Or at so many bytes of text.
const CHUNK_BYTES: usize = 4 << 20;
/// Bytes of text in a page; a row that is larger comes alone.
const PAGE_BYTES: usize = 4 << 20;
/// The room for the results of all queries, in bytes on disk.
const ROOM: u64 = 16 << 30;

const SUFFIX: &str = ".arrow";

/// A row as text; NULL is `None`.
pub(crate) type Row = Vec<Option<String>>;

/// Why results cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResultsError {
    #[error("the results of earlier queries leave no room for these; they go after seven days")]
    NoRoom,
    #[error("no room is left on the disk for the results")]
    DiskFull,
    #[error("the file of results: {0}")]
    File(io::Error),
    #[error("the file of results: {0}")]
    Arrow(ArrowError),
}

impl From<io::Error> for ResultsError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::File(error),
        }
    }
}

impl From<ArrowError> for ResultsError {
    fn from(error: ArrowError) -> Self {
        match error {
            ArrowError::IoError(_, error) => error.into(),
            error => Self::Arrow(error),
        }
    }
}

/// The results of all queries.
pub(crate) struct Results {
    directory: PathBuf,
    /// Bytes of the files that are kept.
    kept: AtomicU64,
    room: u64,
}

/// The place of a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) chunk: usize,
    pub(crate) row: usize,
}

/// Some rows.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<Position>,
}

impl Results {
    /// The results in `directory`, which is made if it is not there.
    pub(crate) fn open(directory: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&directory)?;
        Ok(Self { directory, kept: AtomicU64::new(0), room: ROOM })
    }

    #[cfg(test)]
    pub(crate) fn with_room(self, room: u64) -> Self {
        Self { room, ..self }
    }

    fn path(&self, place: &Place) -> PathBuf {
        self.directory.join(format!("{}{SUFFIX}", place.parts().join(".")))
    }

    /// Removes what a stopped process left: files of no query that `counts`. Counts the others' bytes.
    pub(crate) async fn sweep(&self, counts: impl AsyncFn(&Place) -> io::Result<bool>) -> io::Result<()> {
        let mut kept = 0;
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            if !entry.file_type()?.is_file() {
                continue;
            }
            match place_of(&entry.path()) {
                Some(place) if counts(&place).await? => kept += entry.metadata()?.len(),
                _ => fs::remove_file(entry.path())?,
            }
        }
        self.kept.store(kept, Ordering::Relaxed);
        Ok(())
    }

    /// Begins to write results with these columns; several may have one name.
    pub(crate) fn writer(&self, columns: &[String]) -> Result<Writer<'_>, ResultsError> {
        let fields = columns.iter().map(|name| Field::new(name, DataType::Utf8, true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::ZSTD))?;
        let file = BufWriter::new(NamedTempFile::new_in(&self.directory)?);
        let file = FileWriter::try_new_with_options(file, &schema, options)?;
        Ok(Writer { results: self, file, schema, rows: Vec::new(), bytes: 0 })
    }

    /// Reads up to `most` rows from `at` on; `None` when there is no such place.
    pub(crate) fn page(&self, place: &Place, at: Position, most: usize) -> Result<Option<Page>, ResultsError> {
        let mut reader = self.reader(place)?;
        let mut page = Page { columns: columns(&reader), rows: Vec::new(), next: None };
        let Position { mut chunk, mut row } = at;
        let chunks = reader.num_batches();
        if at != Position::default() && chunk >= chunks {
            return Ok(None);
        }
        let mut bytes = 0;
        while chunk < chunks {
            reader.set_index(chunk)?;
            let Some(batch) = reader.next().transpose()? else { break };
            while row < batch.num_rows() {
                if page.rows.len() >= most || (bytes >= PAGE_BYTES && !page.rows.is_empty()) {
                    page.next = Some(Position { chunk, row });
                    return Ok(Some(page));
                }
                let values = row_of(&batch, row);
                bytes += values.iter().flatten().map(String::len).sum::<usize>();
                page.rows.push(values);
                row += 1;
            }
            (chunk, row) = (chunk + 1, 0);
        }
        Ok(Some(page))
    }

    /// All rows, chunk by chunk.
    pub(crate) fn reader(&self, place: &Place) -> Result<FileReader<BufReader<File>>, ResultsError> {
        Ok(FileReader::try_new(BufReader::new(File::open(self.path(place))?), None)?)
    }

    /// Removes a query's results; there may be none.
    pub(crate) fn remove(&self, place: &Place) -> io::Result<()> {
        let path = self.path(place);
        let bytes = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        fs::remove_file(path)?;
        self.kept.fetch_sub(bytes, Ordering::Relaxed);
        Ok(())
    }
}

fn place_of(path: &Path) -> Option<Place> {
    let name = path.file_name()?.to_str()?.strip_suffix(SUFFIX)?;
    let mut parts = name.split('.').map(str::to_owned);
    let place = Place { account: parts.next()?, region: parts.next()?, id: parts.next()? };
    parts.next().is_none().then_some(place)
}

/// The names of a file's columns.
pub(crate) fn columns(reader: &FileReader<BufReader<File>>) -> Vec<String> {
    reader.schema().fields().iter().map(|field| field.name().clone()).collect()
}

/// A row of a chunk.
pub(crate) fn row_of(batch: &RecordBatch, row: usize) -> Row {
    let value = |column: &Arc<dyn Array>| {
        let texts = column.as_string_opt::<i32>()?;
        (row < texts.len() && texts.is_valid(row)).then(|| texts.value(row).to_owned())
    };
    batch.columns().iter().map(value).collect()
}

/// Results that are being written. Dropping it leaves no trace.
pub(crate) struct Writer<'a> {
    results: &'a Results,
    file: FileWriter<BufWriter<NamedTempFile>>,
    schema: SchemaRef,
    rows: Vec<Row>,
    bytes: usize,
}

/// A file of results that no row names yet. Dropping it removes the file.
pub(crate) struct Kept<'a> {
    results: &'a Results,
    place: Option<Place>,
}

impl<'a> Writer<'a> {
    /// Adds rows. Blocks on the disk.
    pub(crate) fn push(&mut self, rows: Vec<Row>) -> Result<(), ResultsError> {
        for row in rows {
            self.bytes += row.iter().flatten().map(String::len).sum::<usize>();
            self.rows.push(row);
            if self.rows.len() >= CHUNK_ROWS || self.bytes >= CHUNK_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ResultsError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let column = |index: usize| {
            let values = self.rows.iter().map(|row| row.get(index).and_then(Option::as_deref));
            Arc::new(values.collect::<StringArray>()) as Arc<dyn Array>
        };
        let columns = (0..self.schema.fields().len()).map(column).collect();
        self.file.write(&RecordBatch::try_new(Arc::clone(&self.schema), columns)?)?;
        self.rows.clear();
        self.bytes = 0;
        let written = self.file.get_ref().get_ref().as_file().metadata()?.len();
        if self.results.kept.load(Ordering::Relaxed).saturating_add(written) > self.results.room {
            return Err(ResultsError::NoRoom);
        }
        Ok(())
    }

    /// Makes the results durable under the query's name.
    pub(crate) fn finish(mut self, place: &Place) -> Result<Kept<'a>, ResultsError> {
        self.flush()?;
        let file = self.file.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        let bytes = file.as_file().metadata()?.len();
        file.persist(self.results.path(place)).map_err(|error| error.error)?;
        File::open(&self.results.directory)?.sync_all()?;
        self.results.kept.fetch_add(bytes, Ordering::Relaxed);
        Ok(Kept { results: self.results, place: Some(place.clone()) })
    }
}

impl Kept<'_> {
    /// The query's row names the file: it stays.
    pub(crate) fn named(mut self) {
        self.place = None;
    }
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            // What stays is swept at the next start.
            drop(self.results.remove(place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(id: &str) -> Place {
        Place { account: "123456789012".to_owned(), region: "us-east-1".to_owned(), id: id.to_owned() }
    }

    fn row(number: usize) -> Row {
        vec![Some(number.to_string()), (!number.is_multiple_of(3)).then(|| "é".repeat(number % 5))]
    }

    fn write<'a>(results: &'a Results, id: &str, rows: impl Iterator<Item = Row>) -> Result<Kept<'a>, ResultsError> {
        let mut writer = results.writer(&["n".to_owned(), "n".to_owned()])?;
        rows.map(|row| vec![row]).try_for_each(|rows| writer.push(rows))?;
        writer.finish(&place(id))
    }

    fn files(directory: &Path) -> usize {
        fs::read_dir(directory).unwrap().count()
    }

    #[test]
    fn pages_follow_each_other_over_chunks() {
        let directory = tempfile::tempdir().unwrap();
        let results = Results::open(directory.path().to_owned()).unwrap();
        write(&results, "q", (0..2_500).map(row)).unwrap().named();

        let (mut at, mut rows) = (Some(Position::default()), Vec::new());
        while let Some(position) = at {
            let page = results.page(&place("q"), position, 999).unwrap().unwrap();
            assert_eq!(page.columns, ["n", "n"]);
            assert!(page.rows.len() == 999 || page.next.is_none());
            rows.extend(page.rows);
            at = page.next;
        }
        assert_eq!(rows, (0..2_500).map(row).collect::<Vec<_>>());
        assert!(results.page(&place("q"), Position { chunk: 3, row: 0 }, 1).unwrap().is_none(), "no such place");
    }

    #[test]
    fn a_page_of_large_rows_is_short_and_a_row_comes_alone_at_least() {
        let directory = tempfile::tempdir().unwrap();
        let results = Results::open(directory.path().to_owned()).unwrap();
        let large = |size: usize| vec![Some("x".repeat(size)), None];
        write(&results, "q", [3 << 20, 3 << 20, 9 << 20, 1].into_iter().map(large)).unwrap().named();

        let (mut at, mut sizes) = (Some(Position::default()), Vec::new());
        while let Some(position) = at {
            let page = results.page(&place("q"), position, 1_000).unwrap().unwrap();
            sizes.push(page.rows.len());
            at = page.next;
        }
        assert_eq!(sizes, [2, 1, 1]);
    }

    #[test]
    fn results_without_rows_are_results() {
        let directory = tempfile::tempdir().unwrap();
        let results = Results::open(directory.path().to_owned()).unwrap();
        write(&results, "q", std::iter::empty()).unwrap().named();
        let page = results.page(&place("q"), Position::default(), 10).unwrap().unwrap();
        assert_eq!((page.columns.len(), page.rows.len(), page.next), (2, 0, None));
    }

    #[test]
    fn what_no_row_names_leaves_no_file() {
        let directory = tempfile::tempdir().unwrap();
        let results = Results::open(directory.path().to_owned()).unwrap();
        drop(write(&results, "q", (0..10).map(row)).unwrap());
        drop(results.writer(&["a".to_owned()]).unwrap());
        assert_eq!(files(directory.path()), 0);
    }

    #[tokio::test]
    async fn a_start_sweeps_what_counts_for_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let results = Results::open(directory.path().to_owned()).unwrap();
        for id in ["named", "forgotten"] {
            write(&results, id, (0..10).map(row)).unwrap().named();
        }
        fs::write(directory.path().join(".tmpabc"), "half").unwrap();

        let results = Results::open(directory.path().to_owned()).unwrap();
        results.sweep(async |place| Ok(place.id == "named")).await.unwrap();
        assert_eq!(files(directory.path()), 1);
        results.remove(&place("named")).unwrap();
        results.remove(&place("named")).unwrap();
        assert_eq!((files(directory.path()), results.kept.into_inner()), (0, 0));
    }

    #[test]
    fn the_room_for_all_results_is_bounded() {
        let directory = tempfile::tempdir().unwrap();
        let results = Results::open(directory.path().to_owned()).unwrap().with_room(20_000);
        let noise = |seed: usize| {
            let words = (0..2_000).map(move |number: usize| (number + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            words.map(|word| vec![Some(format!("{word:x}")), None])
        };
        write(&results, "small", noise(1).take(500)).unwrap().named();
        assert!(matches!(write(&results, "large", noise(2)).map(drop), Err(ResultsError::NoRoom)));
        assert_eq!(files(directory.path()), 1);
    }
}
