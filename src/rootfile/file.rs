//! An open ROOT file.
//!
//! In: a path. Out: [`RootFile`], its keys, its trees, and any other object as decoded members. A file can be shared
//! between threads.

use std::path::Path;
use std::sync::Arc;

use super::decode;
use super::directory::{self, KeyList};
use super::disk::Disk;
use super::error::RootError;
use super::header::Header;
use super::key::Key;
use super::object::{Objects, Record};
use super::rntuple::RNTuple;
use super::streamer::Streamers;
use super::table::{PRE_RELEASE, Stored, Table};
use super::tree::Tree;
use crate::nearest::nearest;

/// An open ROOT file. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RootFile {
    disk: Arc<Disk>,
    streamers: Arc<Streamers>,
    root_version: u32,
    key_list: KeyList,
}

/// An object of the file, as its key describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedKey {
    /// Name, with the directories above it.
    pub path: String,
    /// Class, such as `TTree`.
    pub class: String,
    /// Higher is newer.
    pub cycle: i16,
}

impl RootFile {
    /// Opens a file and reads its header, its root directory and its class descriptions.
    pub fn open(path: impl AsRef<Path>) -> Result<RootFile, RootError> {
        RootFile::from_disk(Disk::open(path.as_ref())?)
    }

    /// The same for a file that is in memory already; `name` stands for the path in messages.
    pub fn from_bytes(name: impl AsRef<Path>, bytes: Vec<u8>) -> Result<RootFile, RootError> {
        RootFile::from_disk(Disk::in_memory(name.as_ref(), bytes))
    }

    fn from_disk(disk: Disk) -> Result<RootFile, RootError> {
        let header = Header::read(&disk)?;
        let key_list = directory::root_key_list(&disk, &header)?;
        if key_list.seek == 0 {
            return Err(RootError::Unclosed { path: disk.path().to_path_buf() });
        }
        let streamers = Arc::new(Streamers::read(&disk, &header)?);
        Ok(RootFile { disk: Arc::new(disk), streamers, root_version: header.version, key_list })
    }

    /// The path that it was opened with.
    pub fn path(&self) -> &Path {
        self.disk.path()
    }

    /// Length in bytes.
    pub fn bytes(&self) -> u64 {
        self.disk.length()
    }

    /// Version of ROOT that wrote the file: 64000 is 6.40.00.
    pub fn root_version(&self) -> u32 {
        self.root_version
    }

    /// All objects in all directories, older cycles included.
    pub fn keys(&self) -> Result<Vec<ListedKey>, RootError> {
        let mut keys = Vec::new();
        directory::walk(&self.disk, self.key_list, &mut |folder, key| {
            let path = format!("{folder}{}", key.name);
            keys.push(ListedKey { path, class: key.class.clone(), cycle: key.cycle });
        })?;
        Ok(keys)
    }

    /// A tree by name or path (`Delphes`, `folder/Delphes`), highest cycle unless one is named (`Delphes;2`).
    pub fn tree(&self, name: &str) -> Result<Tree, RootError> {
        let key = self.find(name)?;
        match Stored::of(&key.class) {
            Some(Stored::Tree) => self.tree_of(&key, name),
            _ => Err(self.not_a_tree(key, name)),
        }
    }

    /// An RNTuple by name or path, as for [`tree`](RootFile::tree).
    pub fn rntuple(&self, name: &str) -> Result<RNTuple, RootError> {
        let key = self.find(name)?;
        match Stored::of(&key.class) {
            Some(Stored::RNTuple) => self.rntuple_of(&key, name),
            _ => {
                let (path, name) = (self.disk.path().to_path_buf(), name.to_string());
                Err(RootError::NotAnRNTuple { path, name, class: key.class })
            }
        }
    }

    /// Whichever of the two it is.
    pub(crate) fn table(&self, name: &str) -> Result<Table, RootError> {
        let key = self.find(name)?;
        match Stored::of(&key.class) {
            Some(Stored::Tree) => Ok(Table::Tree(Box::new(self.tree_of(&key, name)?))),
            Some(Stored::RNTuple) => Ok(Table::RNTuple(Box::new(self.rntuple_of(&key, name)?))),
            None => Err(self.not_a_tree(key, name)),
        }
    }

    fn not_a_tree(&self, key: Key, name: &str) -> RootError {
        if key.class == "TChain" {
            let files = self.decode(&key, name).map(|objects| chained(&objects)).unwrap_or_default();
            return RootError::Chain { path: self.disk.path().to_path_buf(), name: name.to_string(), files };
        }
        RootError::NotATree { path: self.disk.path().to_path_buf(), name: name.to_string(), class: key.class }
    }

    fn tree_of(&self, key: &Key, name: &str) -> Result<Tree, RootError> {
        let place = format!("tree `{name}`");
        let objects = self.decode(key, &place)?;
        Tree::from_objects(&objects, &self.streamers, name, self.disk.clone()).map_err(|damage| {
            let at = key.seek..key.seek.saturating_add(key.record_bytes as u64);
            self.disk.damaged(place, at, damage)
        })
    }

    fn rntuple_of(&self, key: &Key, name: &str) -> Result<RNTuple, RootError> {
        if key.class == PRE_RELEASE {
            let (path, name) = (self.disk.path().to_path_buf(), name.to_string());
            return Err(RootError::RNTupleVersion { path, name, version: "0.x (a pre-release)".to_string() });
        }
        let anchor = key.object(&self.disk, &format!("anchor of RNTuple `{name}`"))?;
        let at = key.seek..key.seek.saturating_add(key.record_bytes as u64);
        RNTuple::open(&anchor, at, name, self.disk.clone())
    }

    /// Any object, decoded as far as its class is described in the file: histograms, lists, ...
    pub fn object(&self, name: &str) -> Result<Objects, RootError> {
        let key = self.find(name)?;
        self.decode(&key, &format!("`{name}`"))
    }

    fn decode(&self, key: &Key, place: &str) -> Result<Objects, RootError> {
        let bytes = key.object(&self.disk, place)?;
        Ok(decode::decode(&self.streamers, &bytes, key.key_bytes, &key.class))
    }

    fn find(&self, name: &str) -> Result<Key, RootError> {
        let with_cycle = name.rsplit_once(';').and_then(|(path, cycle)| Some((path, cycle.parse::<i16>().ok()?)));
        let (path, cycle) = with_cycle.map_or((name, None), |(path, cycle)| (path, Some(cycle)));
        let path = path.trim_matches('/');
        let (folders, object) = path.rsplit_once('/').map_or(("", path), |(folders, object)| (folders, object));
        let mut list = Some(self.key_list);
        for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
            let Some(at) = list else { break };
            let key = newest(directory::read_keys(&self.disk, at, folder)?, |key| {
                key.name == folder && directory::is_directory(&key.class)
            });
            let below = key.map(|key| directory::sub_key_list(&self.disk, &key)).transpose()?;
            list = below.filter(|list| list.seek != 0);
        }
        let keys = list.map(|list| directory::read_keys(&self.disk, list, "directory")).transpose()?;
        let wanted = |key: &Key| key.name == object && cycle.is_none_or(|cycle| key.cycle == cycle);
        match keys.and_then(|keys| newest(keys, wanted)) {
            Some(key) => Ok(key),
            None => Err(self.not_found(name, path)),
        }
    }

    fn not_found(&self, name: &str, wanted: &str) -> RootError {
        let mut keys = self.keys().unwrap_or_default();
        keys.retain(|key| !directory::is_directory(&key.class));
        let object = wanted.rsplit('/').next().unwrap_or(wanted);
        // The same name in another folder, then similar names, then whatever trees there are.
        let mut near: Vec<String> =
            keys.iter().filter(|key| key.path.rsplit('/').next() == Some(object)).map(|key| key.path.clone()).collect();
        near.extend(nearest(wanted, keys.iter().map(|key| key.path.as_str())));
        near.extend(keys.iter().filter(|key| Stored::of(&key.class).is_some()).map(|key| key.path.clone()));
        let mut seen = std::collections::HashSet::new();
        near.retain(|name| seen.insert(name.clone()));
        near.truncate(3);
        RootError::ObjectNotFound { path: self.disk.path().to_path_buf(), name: name.to_string(), nearest: near }
    }
}

/// Files of a chain, with the tree in each.
fn chained(objects: &Objects) -> Vec<String> {
    let elements = objects.root_record().map(|chain| objects.list(chain, "fFiles")).unwrap_or_default();
    let elements = elements.iter().flatten().filter_map(|id| objects.record(*id));
    let file = |element: &Record| Some(format!("{} (tree {})", element.text("fTitle")?, element.text("fName")?));
    elements.filter_map(file).take(10).collect()
}

fn newest(keys: Vec<Key>, wanted: impl Fn(&Key) -> bool) -> Option<Key> {
    keys.into_iter().filter(|key| wanted(key)).max_by_key(|key| key.cycle)
}
