//! Paths that lead nowhere but into a folder.

use std::path::{Component, Path, PathBuf};

/// The path of a file that is named relative to a folder within `root`.
///
/// # Errors
///
/// A path that leads out of `root`, by its steps or by a link.
pub(in crate::load) fn path(root: &Path, folder: &Path, told: &str) -> Result<PathBuf, String> {
    let leads_out = || format!("the path `{told}` leads out of the folder");
    let mut steps: Vec<Component<'_>> = folder.strip_prefix(root).map_err(|_| leads_out())?.components().collect();
    for step in Path::new(told).components() {
        match step {
            Component::CurDir => {}
            Component::Normal(_) => steps.push(step),
            Component::ParentDir if steps.pop().is_some() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return Err(leads_out()),
        }
    }
    let path = root.join(steps.iter().collect::<PathBuf>());
    // What does not exist leads nowhere.
    match (root.canonicalize(), path.canonicalize()) {
        (Ok(root), Ok(real)) if !real.starts_with(&root) => Err(leads_out()),
        _ => Ok(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stay_below_the_root() {
        let root = Path::new("no/such/folder");
        let inner = root.join("assembly-Production");
        assert_eq!(path(root, root, "a.json"), Ok(root.join("a.json")));
        assert_eq!(path(root, &inner, "../asset.json"), Ok(root.join("asset.json")));
        for told in ["../a.json", "/etc/passwd", "x/../../a.json"] {
            assert_eq!(path(root, root, told), Err(format!("the path `{told}` leads out of the folder")));
        }
        assert!(path(root, &inner, "../../a.json").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_below_the_root() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(elsewhere.path().join("a.json"), "{}").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("inner")).unwrap();
        assert!(path(folder.path(), folder.path(), "inner/a.json").is_err());
    }
}
