use super::*;

fn file<'a>(folder: &Folder, name: &str, contents: &'a [u8]) -> NewFile<'a> {
    NewFile { path: folder.path_of(name), contents, secret: true }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn file_that_appears_meanwhile_is_kept_and_the_first_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    fs::write(dir.path().join("b"), "theirs").unwrap();
    let error = folder.write(&[file(&folder, "a", b"1"), file(&folder, "b", b"2")], false).unwrap_err();
    assert!(error.to_string().contains("cannot write"), "{error:#}");
    assert_eq!(names(dir.path()), ["b"]);
    assert_eq!(fs::read(dir.path().join("b")).unwrap(), b"theirs");
}

#[test]
fn failed_replacement_leaves_the_old_files_and_no_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    fs::create_dir_all(dir.path().join("key/in the way")).unwrap();
    fs::write(dir.path().join("csr"), "old").unwrap();
    let error =
        folder.write(&[file(&folder, "csr", b"new"), file(&folder, "key", b"new")], true).unwrap_err();
    assert!(error.to_string().contains("cannot replace"), "{error:#}");
    assert_eq!(names(dir.path()), ["csr", "key"]);
    assert_eq!(fs::read(dir.path().join("csr")).unwrap(), b"old");
}

#[test]
fn replacing_leaves_whole_files_and_no_temporary_ones() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    fs::write(dir.path().join("csr"), "old and longer").unwrap();
    folder.write(&[file(&folder, "csr", b"new"), file(&folder, "key", b"key")], true).unwrap();
    assert_eq!(names(dir.path()), ["csr", "key"]);
    assert_eq!(fs::read(dir.path().join("csr")).unwrap(), b"new");
}

#[cfg(unix)]
#[test]
fn link_is_never_written_through() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    let (target, link) = (dir.path().join("target"), dir.path().join("link"));
    std::os::unix::fs::symlink(&target, &link).unwrap();
    for replace in [false, true] {
        assert!(check_vacant(&link, replace).unwrap_err().to_string().contains("symbolic link"));
    }
    // Even if the link appears after the check.
    folder.write(&[file(&folder, "link", b"secret")], false).unwrap_err();
    assert!(!target.exists());
}
