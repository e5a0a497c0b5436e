//! Class descriptions (TStreamerInfo): for every class and version in the file, its members in order.
//!
//! In: the record that the file header points at. Out: [`Streamers`]. The record is itself made of ROOT objects; the
//! few classes that describe classes are built in, and the common decoder reads it with those.

use std::collections::HashMap;
use std::sync::Arc;

use super::decode;
use super::disk::Disk;
use super::error::{Damage, RootError};
use super::header::Header;
use super::key::Key;
use super::object::{Objects, Record, RootObject};
use super::packed::Stored;

/// One member of a class.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    /// Its name; of a base class, the name of that class.
    pub(crate) name: Arc<str>,
    /// TStreamerElement::fType.
    pub(crate) kind: i32,
    /// Elements of a fixed array.
    pub(crate) length: usize,
    /// C++ type without `*`.
    pub(crate) type_name: Arc<str>,
    /// Member that holds the length of a counted array.
    pub(crate) counter: Option<Arc<str>>,
    /// A base class.
    pub(crate) is_base: bool,
    /// How Double32_t and Float16_t are packed, as their comment says.
    pub(crate) stored: Stored,
}

/// One class in one version.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClassInfo {
    pub(crate) version: i32,
    pub(crate) checksum: u32,
    pub(crate) members: Vec<Member>,
}

/// All class descriptions of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Streamers {
    classes: HashMap<Arc<str>, Vec<ClassInfo>>,
    /// Descriptions fit any version (the built-in ones).
    any_version: bool,
}

impl Streamers {
    /// Reads the descriptions that a file carries.
    pub(crate) fn read(disk: &Disk, header: &Header) -> Result<Streamers, RootError> {
        if header.seek_info == 0 {
            return Ok(Streamers::default());
        }
        let place = "list of class descriptions";
        let key = Key::read(disk, header.seek_info, place)?;
        let key = Key { seek: header.seek_info, ..key };
        let bytes = key.object(disk, place)?;
        Streamers::decode(&bytes, key.key_bytes)
            .map_err(|damage| disk.damaged(place, key.seek..key.seek.saturating_add(key.record_bytes as u64), damage))
    }

    /// From the unpacked bytes of the list.
    pub(crate) fn decode(bytes: &[u8], key_bytes: usize) -> Result<Streamers, Damage> {
        collect(&decode::decode(&built_in(), bytes, key_bytes, "TList"))
    }

    /// The description of a class as an object was written with it. Classes without a version have a checksum.
    pub(crate) fn find(&self, class: &str, version: i32, checksum: Option<u32>) -> Option<&ClassInfo> {
        let infos = self.classes.get(class)?;
        if self.any_version {
            return infos.first();
        }
        match checksum {
            Some(checksum) => infos.iter().find(|info| info.checksum == checksum),
            None => infos.iter().find(|info| info.version == version),
        }
    }

    /// True if a class says that its version is 0; others without a version have a checksum in its place.
    pub(crate) fn has_version_0(&self, class: &str) -> bool {
        self.classes.get(class).is_some_and(|infos| !self.any_version && infos.iter().any(|info| info.version == 0))
    }

    /// The description of a class by name, of this version if it is among them, else the newest.
    pub(crate) fn describe(&self, class: &str, version: Option<i32>) -> Option<&ClassInfo> {
        let infos = self.classes.get(class)?;
        let wanted = infos.iter().find(|info| Some(info.version) == version);
        wanted.or_else(|| infos.iter().max_by_key(|info| info.version))
    }

    /// Adds what some writers leave out, because ROOT knows it anyway.
    fn fill_in(mut self) -> Streamers {
        for (class, info) in left_out() {
            let infos = self.classes.entry(class.into()).or_default();
            if !infos.iter().any(|known| known.version == info.version) {
                infos.push(info);
            }
        }
        self
    }
}

fn collect(objects: &Objects) -> Result<Streamers, Damage> {
    let infos = match objects.root() {
        Some(RootObject::List(infos)) => infos,
        Some(RootObject::Skipped { reason, .. }) => return Err(reason.clone()),
        _ => return Err(Damage::Undecodable { what: "it".into(), reason: "it is no list".into() }),
    };
    let mut classes: HashMap<Arc<str>, Vec<ClassInfo>> = HashMap::new();
    for record in infos.iter().flatten().filter_map(|id| objects.record(*id)) {
        // Lists of rules for schema evolution stand in the same list.
        if record.class.as_ref() != "TStreamerInfo" {
            continue;
        }
        let members = objects.list(record, "fElements").iter().flatten();
        let members = members.filter_map(|id| objects.record(*id)).map(member).collect::<Result<_, _>>()?;
        let info = ClassInfo {
            version: record.need_int("fClassVersion")? as i32,
            checksum: record.need_int("fCheckSum")? as u32,
            members,
        };
        classes.entry(record.need_text("fName")?.into()).or_default().push(info);
    }
    Ok(Streamers { classes, any_version: false }.fill_in())
}

fn member(record: &Record) -> Result<Member, Damage> {
    let length = record.need_int("fArrayLength")?;
    let length = usize::try_from(length)
        .map_err(|_| Damage::implausible("length of a member array", length, "it cannot be negative"))?;
    let kind = record.need_int("fType")? as i32;
    Ok(Member {
        name: record.need_text("fName")?.into(),
        kind,
        length,
        type_name: record.need_text("fTypeName")?.trim_end_matches('*').into(),
        counter: record.text("fCountName").map(Into::into),
        is_base: record.class.as_ref() == "TStreamerBase",
        stored: match kind {
            9 | 29 | 49 => Stored::from_title(record.text("fTitle").unwrap_or_default(), false),
            19 | 39 | 59 => Stored::from_title(record.text("fTitle").unwrap_or_default(), true),
            _ => Stored::Plain,
        },
    })
}

fn base(name: &str) -> Member {
    Member { type_name: "BASE".into(), is_base: true, ..plain(name, 0, 0, "") }
}

fn plain(name: &str, kind: i32, length: usize, type_name: &str) -> Member {
    Member {
        name: name.into(),
        kind,
        length,
        type_name: type_name.into(),
        counter: None,
        is_base: false,
        stored: Stored::Plain,
    }
}

/// Leaves and split branches of current ROOT: oxyroot writes them without their descriptions.
fn left_out() -> Vec<(&'static str, ClassInfo)> {
    let info = |version, members| ClassInfo { version, checksum: 0, members };
    let (short, int, unsigned, pointer, text, boolean) = (2, 3, 13, 64, 65, 18);
    let mut classes = vec![
        (
            "TBranchElement",
            info(
                10,
                vec![
                    base("TBranch"),
                    plain("fClassName", text, 0, "TString"),
                    plain("fParentName", text, 0, "TString"),
                    plain("fClonesName", text, 0, "TString"),
                    plain("fCheckSum", unsigned, 0, "unsigned int"),
                    plain("fClassVersion", short, 0, "short"),
                    plain("fID", int, 0, "int"),
                    plain("fType", int, 0, "int"),
                    plain("fStreamerType", int, 0, "int"),
                ],
            ),
        ),
        (
            "TLeaf",
            info(
                2,
                vec![
                    base("TNamed"),
                    plain("fLen", int, 0, "int"),
                    plain("fLenType", int, 0, "int"),
                    plain("fOffset", int, 0, "int"),
                    plain("fIsRange", boolean, 0, "bool"),
                    plain("fIsUnsigned", boolean, 0, "bool"),
                    plain("fLeafCount", pointer, 0, "TLeaf"),
                ],
            ),
        ),
    ];
    for leaf in ["TLeafElement", "TLeafF", "TLeafD", "TLeafB", "TLeafS", "TLeafI", "TLeafL", "TLeafO"] {
        classes.push((leaf, info(1, vec![base("TLeaf")])));
    }
    classes
}

/// The classes that describe classes. Members that later versions appended are skipped by the byte counts.
fn built_in() -> Streamers {
    let (int, int_array, unsigned, text, pointer) = (3, 23, 13, 65, 64);
    let mut classes: HashMap<Arc<str>, Vec<ClassInfo>> = HashMap::new();
    let mut add = |class: &str, members: Vec<Member>| {
        classes.insert(class.into(), vec![ClassInfo { version: 0, checksum: 0, members }]);
    };
    add(
        "TStreamerInfo",
        vec![
            base("TNamed"),
            plain("fCheckSum", unsigned, 0, "unsigned int"),
            plain("fClassVersion", int, 0, "int"),
            plain("fElements", pointer, 0, "TObjArray"),
        ],
    );
    add(
        "TStreamerElement",
        vec![
            base("TNamed"),
            plain("fType", int, 0, "int"),
            plain("fSize", int, 0, "int"),
            plain("fArrayLength", int, 0, "int"),
            plain("fArrayDim", int, 0, "int"),
            plain("fMaxIndex", int_array, 5, "int"),
            plain("fTypeName", text, 0, "TString"),
        ],
    );
    add("TStreamerBase", vec![base("TStreamerElement")]);
    for class in ["TStreamerBasicPointer", "TStreamerLoop"] {
        add(
            class,
            vec![
                base("TStreamerElement"),
                plain("fCountVersion", int, 0, "int"),
                plain("fCountName", text, 0, "TString"),
                plain("fCountClass", text, 0, "TString"),
            ],
        );
    }
    for class in [
        "TStreamerBasicType",
        "TStreamerObject",
        "TStreamerObjectAny",
        "TStreamerObjectPointer",
        "TStreamerObjectAnyPointer",
        "TStreamerString",
        "TStreamerSTL",
        "TStreamerArtificial",
    ] {
        add(class, vec![base("TStreamerElement")]);
    }
    // Its base is TStreamerSTL, whose base is TStreamerElement.
    add("TStreamerSTLstring", vec![base("TStreamerSTL")]);
    Streamers { classes, any_version: true }
}

/// Makes a description for tests of the decoder.
#[cfg(test)]
pub(crate) fn for_tests(class: &str, version: i32, members: &[(&str, i32, usize, &str)]) -> Streamers {
    let members = members
        .iter()
        .map(|(name, kind, length, type_name)| Member {
            counter: (*kind > 40 && *kind < 60).then(|| "fN".into()),
            is_base: *kind == 0,
            ..plain(name, *kind, *length, type_name)
        })
        .collect();
    let info = ClassInfo { version, checksum: 7, members };
    Streamers { classes: HashMap::from([(class.into(), vec![info])]), any_version: false }
}
