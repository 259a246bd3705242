//! Where the key and the CSR go.

use std::path::PathBuf;

use anyhow::Context;
use csr_core::Field;

use super::content::Content;
use crate::args::CreateArgs;
use crate::failure::Refusals;
use crate::files::{BaseName, Folder, check_vacant};
use crate::output;

pub(super) enum Target {
    Stdout,
    Files {
        folder: Folder,
        csr: PathBuf,
        /// `None` for a key that the user has.
        key: Option<PathBuf>,
    },
}

impl Target {
    /// Looks whether the files can be written; their name may come from the content.
    pub(super) fn check(args: &CreateArgs, content: &Content, faults: &mut Refusals) -> Option<Self> {
        if args.stdout {
            if output::was_closed() {
                faults.push("--stdout: standard output is closed or null");
            }
            return Some(Self::Stdout);
        }
        let folder = faults.take_chain(Folder::open(&args.out).context("--out"));
        let name = base_name(args, content, faults)?;
        let folder = folder?;
        let csr = folder.path_of(&name.with_extension("csr"));
        let key = args.key.is_none().then(|| folder.path_of(&name.with_extension("key")));
        for path in key.iter().chain([&csr]) {
            let vacant = check_vacant(path, args.force);
            if let (Err(error), Some(_)) = (&vacant, &args.content.from) {
                // The old key may stand there.
                faults.push(format_args!("{error:#}, or --name to keep it"));
            } else {
                faults.take_chain(vacant);
            }
        }
        Some(Self::Files { folder, csr, key })
    }
}

/// The name of the files, which may come from the content.
pub(super) fn base_name(args: &CreateArgs, content: &Content, faults: &mut Refusals) -> Option<BaseName> {
    let (source, name) = if let Some(name) = &args.name {
        ("--name", BaseName::new(name))
    } else if let Some(name) = &content.name {
        return BaseName::new(name).map_err(|error| faults.push_field(Field::Name, error)).ok();
    } else if args.request.is_some() {
        return None;
    } else if let Some((argument, _)) = args.domain() {
        (argument, BaseName::from_domain(&content.spec.as_ref()?.sans().first()?.to_string()))
    } else if let Some(name) = content.spec.as_ref().and_then(|spec| spec.subject().common_name()) {
        ("common name", BaseName::from_domain(&name))
    } else {
        let may_follow = content.spec.is_none() && args.content.may_have_common_name();
        if args.names_something() && !may_follow {
            faults.push("--name: is required where neither a domain nor a common name names the files");
        }
        return None;
    };
    faults.take(name.map_err(|error| format!("{source}: {error}")))
}
