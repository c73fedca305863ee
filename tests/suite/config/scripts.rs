//! The shell scripts.

use super::*;

const SCRIPTS: [&str; 9] = [
    "build-engine.sh",
    "run.sh",
    "rebuild-full.sh",
    "rebuild-aggregate.sh",
    "rebuild-resample.sh",
    "rebuild-weekly.sh",
    "setup-dukascopy.sh",
    "build-csv.sh",
    "build-parquet.sh",
];

#[test]
fn scripts_are_sound_and_executable() {
    use std::os::unix::fs::PermissionsExt;
    for name in SCRIPTS {
        let path = shipped(name);
        assert!(Command::new("bash").arg("-n").arg(&path).status().unwrap().success(), "{name}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o111, 0o111, "{name}");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("#!/usr/bin/env bash\n") && text.contains("set -euo pipefail"), "{name}");
    }
}

/// A folder with the scripts and a stand-in for the engine that prints its arguments and exits as it is told.
fn folder_with_engine() -> TempDir {
    let folder = TempDir::new().unwrap();
    for name in SCRIPTS {
        fs::copy(shipped(name), folder.path().join(name)).unwrap();
    }
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("src")).unwrap();
    fs::create_dir_all(at("build place/release")).unwrap();
    fs::create_dir(at(".cargo")).unwrap();
    for name in ["src/main.rs", ".cargo/config.toml", "Cargo.toml", "Cargo.lock"] {
        fs::write(at(name), "").unwrap();
    }
    let engine = at("build place/release/engine");
    fs::write(&engine, "#!/usr/bin/env bash\nprintf '<%s>' \"$PWD\" \"$@\"\nexit \"${EXIT:-0}\"\n").unwrap();
    Command::new("chmod").arg("+x").arg(&engine).status().unwrap();
    folder
}

fn script(folder: &Path, name: &str) -> Command {
    let mut command = Command::new(folder.join(name));
    command.current_dir("/").env("CARGO_TARGET_DIR", folder.join("build place"));
    command
}

#[test]
fn scripts_call_one_subcommand_from_any_folder_and_pass_exit_codes() {
    let folder = folder_with_engine();
    let here = fs::canonicalize(folder.path()).unwrap();
    for (name, words) in [
        ("run.sh", "<run>"),
        ("rebuild-full.sh", "<rebuild><full>"),
        ("rebuild-aggregate.sh", "<rebuild><aggregate>"),
        ("rebuild-resample.sh", "<rebuild><resample>"),
        ("rebuild-weekly.sh", "<rebuild><weekly>"),
        ("build-csv.sh", "<build><csv>"),
        ("build-parquet.sh", "<build><parquet>"),
    ] {
        let output =
            script(folder.path(), name).args(["--symbols", "a b"]).env("EXIT", "3").output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{name}: {output:?}");
        let expected = format!("<{}>{words}<--symbols><a b>", here.display());
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}

#[test]
fn scripts_build_what_is_older_than_its_sources_and_say_what_is_missing() {
    let folder = folder_with_engine();
    let tools = folder.path().join("tools");
    fs::create_dir(&tools).unwrap();
    for tool in ["bash", "env", "dirname", "find", "mktemp", "touch", "rm", "cat"] {
        let found =
            ["/usr/bin", "/bin"].iter().map(|bin| Path::new(bin).join(tool)).find(|path| path.exists());
        std::os::unix::fs::symlink(found.unwrap(), tools.join(tool)).unwrap();
    }
    let newer =
        Command::new("touch").args(["-d", "2100-01-01"]).arg(folder.path().join("src/main.rs")).status();
    assert!(newer.unwrap().success());
    let run = || {
        let mut command = script(folder.path(), "run.sh");
        command.env("PATH", &tools).env("HOME", folder.path()).env_remove("CC").output().unwrap()
    };
    let output = run();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("rustup"), "{output:?}");

    let cargo = "#!/usr/bin/env bash\necho \"cargo $*\"\n";
    fs::write(tools.join("cargo"), cargo).unwrap();
    Command::new("chmod").arg("+x").arg(tools.join("cargo")).status().unwrap();
    let output = run();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("build-essential"), "{output:?}");

    fs::copy(tools.join("cargo"), tools.join("cc")).unwrap();
    let output = run();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("cargo build --release"));
    assert!(String::from_utf8_lossy(&output.stdout).ends_with("<run>"));
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn setup_installs_asks_and_refuses() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["setup-dukascopy.sh", "config.yaml", "config.dukascopy-mt4.yaml", "symbols.txt"] {
        fs::copy(shipped(name), at(name)).unwrap();
    }
    copy_folder(&shipped("config"), &at("config"));
    let setup = |arguments: &[&str]| {
        let mut command = Command::new(at("setup-dukascopy.sh"));
        command.args(arguments).current_dir("/").stdin(std::process::Stdio::null()).output().unwrap()
    };

    let first = setup(&[]);
    assert!(first.status.success(), "{first:?}");
    assert!(at("data").is_dir() && at("cache").is_dir());
    let user = config::find(folder.path()).unwrap();
    assert!(user.ends_with("config.user.yaml"));
    let installed = config::load(&user).unwrap_or_else(|error| panic!("{error}"));
    let original = config::load(&at("config.dukascopy-mt4.yaml")).unwrap();
    assert_eq!(installed.settings, original.settings);
    assert!(installed.files.iter().all(|file| !file.starts_with(at("config"))), "{:?}", installed.files);

    fs::write(&user, "# mine\n").unwrap();
    let refused = setup(&[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--yes"));
    assert!(String::from_utf8_lossy(&refused.stdout).contains("config.user.yaml"));
    assert_eq!(fs::read_to_string(&user).unwrap(), "# mine\n");

    assert!(setup(&["--yes"]).status.success());
    assert_eq!(config::load(&user).unwrap().settings, original.settings);
    assert_eq!(setup(&["--no"]).status.code(), Some(2));
}

/// `script` gives the question a terminal.
#[test]
fn setup_asks_on_a_terminal() {
    if !Path::new("/usr/bin/script").exists() {
        return println!("skipped: no script(1)");
    }
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["setup-dukascopy.sh", "config.dukascopy-mt4.yaml"] {
        fs::copy(shipped(name), at(name)).unwrap();
    }
    copy_folder(&shipped("config"), &at("config"));
    let answer = |text: &str| {
        fs::write(at("config.user.yaml"), "# mine\n").unwrap();
        let line = format!("script -qec '{}' /dev/null", at("setup-dukascopy.sh").display());
        let command = format!("printf '{text}\\n' | {line}");
        let output = Command::new("bash").args(["-c", &command]).output().unwrap();
        (output.status.code(), fs::read_to_string(at("config.user.yaml")).unwrap() == "# mine\n")
    };
    assert_eq!(answer("n"), (Some(1), true));
    assert_eq!(answer("y"), (Some(0), false));
}
