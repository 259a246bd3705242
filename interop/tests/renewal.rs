//! Each maker's CSR and certificate are renewed; `src/lib.rs` tells how.

#![forbid(unsafe_code)]

use std::path::Path;
use std::process::ExitCode;

use csr_interop::{Maker, Result, check_command, check_renewal};
use libtest_mimic::{Arguments, Failed, Trial};

type Check = fn(Maker, &Path) -> Result<()>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for maker in Maker::ALL {
        let checks: [(&str, Check); 2] = [
            ("CSR and certificate of {} are renewed", check_renewal),
            ("csr create --from renews what {} made", check_command),
        ];
        for (index, (name, check)) in checks.into_iter().enumerate() {
            let folder =
                Path::new(env!("CARGO_TARGET_TMPDIR")).join("renewal").join(format!("{maker:?}-{index}"));
            let name = name.replace("{}", &maker.to_string());
            let missing = maker.missing();
            let required = std::env::var_os("CSR_REQUIRE_TOOLS").is_some_and(|value| value == "1");
            trials.push(match missing {
                None => Trial::test(name, move || check(maker, &folder).map_err(Failed::from)),
                Some(missing) => {
                    let name = format!("{name} (LEFT OUT: {missing})");
                    Trial::test(name, move || Err(Failed::from(missing))).with_ignored_flag(!required)
                }
            });
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}
