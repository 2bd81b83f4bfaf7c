//! What stands in a message for a file that is not on the network yet: a name that no file can have, 24 zero bytes and the file's id. It is stored and
//! never sealed.
use super::{FileKind, row::File};
use crate::{Error, messages::Sent, vault::Vault};
use prost::Message as _;
use std::collections::HashMap;
use suki_cloud_api::ObjectId;
use suki_protocol::{
    content::each_file,
    pb::{self, content::Body},
};
use suki_store::StoreError;

const ZEROS: [u8; 24] = [0; 24];

/// The placeholder of a file.
pub(super) fn of(id: ObjectId, kind: FileKind) -> pb::Media {
    let blob = [&ZEROS[..], &id.number().to_be_bytes()].concat();
    pb::Media { kind: kind.as_str().into(), blob, key: vec![0; 32], sha256: vec![0; 32], ..pb::Media::default() }
}

/// The file that a placeholder stands for.
fn awaited(media: &pb::Media) -> Option<(ObjectId, FileKind)> {
    let number: [u8; 8] = media.blob.strip_prefix(&ZEROS)?.try_into().ok()?;
    Some((ObjectId::from_number(u64::from_be_bytes(number)).ok()?, FileKind::of(&media.kind)?))
}

/// Whether a body has a placeholder in it.
pub(crate) fn awaits(body: &mut Body) -> bool {
    let mut found = false;
    each_file(body, &mut |media| found |= awaited(media).is_some());
    found
}

/// The body of what was sent.
fn body(sent: &Sent) -> Result<Option<Body>, StoreError> {
    let corrupt = |_| StoreError::Corrupt("message content");
    match sent {
        Sent::Template { content, .. } => Ok(Some(Body::Template(pb::Template::decode(&content[..]).map_err(corrupt)?))),
        Sent::Rich { content, .. } => Ok(pb::Content::decode(&content[..]).map_err(corrupt)?.body),
        Sent::Text | Sent::Button { .. } => Ok(None),
    }
}

/// The files that a stored message waits for, each once.
pub(super) fn files(sent: &Sent) -> Result<Vec<(ObjectId, FileKind)>, StoreError> {
    let mut found = Vec::new();
    if let Some(mut body) = body(sent)? {
        each_file(&mut body, &mut |media| found.extend(awaited(media)));
    }
    found.dedup();
    Ok(found)
}

/// The files of a stored message in their order, as it speaks of them.
pub(super) fn all(sent: &Sent) -> Result<Vec<pb::Media>, StoreError> {
    let mut found = Vec::new();
    if let Some(mut body) = body(sent)? {
        each_file(&mut body, &mut |media| found.push(media.clone()));
    }
    Ok(found)
}

/// The content of a stored message with its files in the place of the placeholders, encoded as it is stored.
pub(super) fn filled(vault: &Vault, sent: &Sent, files: &HashMap<ObjectId, File>) -> Result<Option<Vec<u8>>, Error> {
    let Some(mut body) = body(sent)? else { return Ok(None) };
    let mut problem = None;
    each_file(&mut body, &mut |media| {
        if let Some(file) = awaited(media).and_then(|(id, _)| files.get(&id)) {
            problem = file.describe(vault, media).err().or(problem.take());
        }
    });
    if let Some(problem) = problem {
        return Err(problem);
    }
    Ok(match (sent, body) {
        (Sent::Template { .. }, Body::Template(template)) => Some(template.encode_to_vec()),
        (Sent::Rich { content, .. }, body) => {
            let content = pb::Content::decode(&content[..]).map_err(|_| StoreError::Corrupt("message content"))?;
            Some(pb::Content { body: Some(body), ..content }.encode_to_vec())
        }
        _ => None,
    })
}

/// Whether two messages say the same but for where their files are: one may have been stored before its files came.
pub(crate) fn same_but_files(one: &Sent, other: &Sent) -> bool {
    let bare = |sent: &Sent| {
        let mut body = body(sent).ok()??;
        each_file(&mut body, &mut |media| *media = pb::Media { kind: media.kind.clone(), caption: media.caption.clone(), ..pb::Media::default() });
        Some(body)
    };
    one == other || (std::mem::discriminant(one) == std::mem::discriminant(other) && bare(one).is_some_and(|body| Some(body) == bare(other)))
}
