//! The policies that AWS manages, by ARN: what an attachment of one of them grants.
//!
//! The table is a snapshot: AWS changes its policies at any time. None of them asks for MFA, so that what the snapshot may
//! miss is a grant and never a guard.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use crate::iam::document::{Document, Grammar, parse};
use crate::source::{Place, Source, Span};
use crate::tree::json;

mod table;
#[cfg(test)]
mod tests;

/// The day of the newest change in the table.
pub const DATE: &str = include_str!("../../data/aws-managed-policies/date.txt").trim_ascii();

/// The data set that the table was made from, with its version.
pub const SOURCE: &str = include_str!("../../data/aws-managed-policies/source.txt").trim_ascii();

/// The partitions of AWS. The table holds the policies of the first; in the others their ARNs differ.
const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"];

/// The document of the AWS-managed policy with this ARN; `None` where the table does not know it.
///
/// Its text is laid out here, in a source that is [built in](Source::is_built_in).
#[must_use]
pub fn document(arn: &str) -> Option<Arc<Document>> {
    let (partition, resource) = arn.strip_prefix("arn:")?.split_once(":iam::aws:policy/")?;
    let partition = *PARTITIONS.iter().find(|known| **known == partition)?;
    let entry = table::find(resource.rsplit('/').next()?)?;
    (entry.path.strip_prefix('/')? == resource.strip_suffix(entry.name)?).then_some(())?;
    if let Some(known) = documents(|documents| documents.get(&(entry.name, partition)).map(Arc::clone)) {
        return Some(known);
    }
    let document = Arc::new(read(entry, partition)?);
    Some(documents(|documents| Arc::clone(documents.entry((entry.name, partition)).or_insert(document))))
}

/// The ARN of the AWS-managed policy of this name, in the partition `aws`: names are unique whatever the path.
#[must_use]
pub fn by_name(name: &str) -> Option<String> {
    let entry = table::find(name)?;
    Some(format!("arn:aws:iam::aws:policy{}{}", entry.path, entry.name))
}

/// The documents that were asked for, by name and partition.
type Documents = HashMap<(&'static str, &'static str), Arc<Document>>;

/// Works on the documents that were asked for before: a policy is usually attached many times.
fn documents<T>(work: impl FnOnce(&mut Documents) -> T) -> T {
    static DOCUMENTS: LazyLock<Mutex<Documents>> = LazyLock::new(Mutex::default);
    work(&mut DOCUMENTS.lock().unwrap_or_else(PoisonError::into_inner))
}

fn read(entry: table::Entry, partition: &str) -> Option<Document> {
    let text = table::text(entry)?.replace("arn:aws:", &format!("arn:{partition}:"));
    let source = Source::built_in(format!("{} (AWS-managed)", entry.name), text);
    let node = json::parse(&source, Span::new(0, source.text().len())).ok()?;
    let document = parse(&node, &source, Grammar::Identity);
    Some(Document { place: Place::new(&source, node.span), ..document })
}
