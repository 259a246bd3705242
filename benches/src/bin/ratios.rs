//! Prints what criterion measured last as ratios to `csr`: `cargo run -p csr-bench --bin ratios [DIRECTORY]`, by
//! default `target/criterion`. Above 1 the peer takes longer than `csr`.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The first of these that a bench has.
const BASELINES: [&str; 2] = ["csr", "csr-ifma"];

/// What criterion estimates of one function, in nanoseconds.
struct Estimate {
    mean: f64,
    mean_error: f64,
    median: f64,
}

type Groups = BTreeMap<String, BTreeMap<String, Estimate>>;

fn main() -> Result<(), Box<dyn Error>> {
    let directory =
        std::env::args_os().nth(1).map_or_else(|| PathBuf::from("target/criterion"), PathBuf::from);
    let mut groups = Groups::new();
    collect(&directory, &mut groups)?;
    println!("| bench | function | mean | ± | median | mean ÷ csr | median ÷ csr |");
    println!("|---|---|--:|--:|--:|--:|--:|");
    for (group, functions) in &groups {
        let baseline = BASELINES.iter().find_map(|id| functions.get(*id));
        let ratio = |value: f64, of: fn(&Estimate) -> f64| {
            baseline.map_or_else(|| "–".to_owned(), |baseline| format!("{:.2}", value / of(baseline)))
        };
        for (function, Estimate { mean, mean_error, median }) in functions {
            println!(
                "| {group} | {function} | {} | {:.1} % | {} | {} | {} |",
                duration(*mean),
                100.0 * mean_error / mean,
                duration(*median),
                ratio(*mean, |e| e.mean),
                ratio(*median, |e| e.median),
            );
        }
    }
    Ok(())
}

/// Criterion keeps the latest run of a function in a folder `new`, with the function's names beside the figures.
fn collect(directory: &Path, groups: &mut Groups) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        let names = path.join("benchmark.json");
        if path.ends_with("new") && names.exists() {
            let names = json(&names)?;
            let estimates = json(&path.join("estimates.json"))?;
            let text = |key: &str| names[key].as_str().unwrap_or_default().to_owned();
            let number = |of: &str, key: &str| estimates[of][key].as_f64().ok_or("an estimate is missing");
            let estimate = Estimate {
                mean: number("mean", "point_estimate")?,
                mean_error: number("mean", "standard_error")?,
                median: number("median", "point_estimate")?,
            };
            groups.entry(text("group_id")).or_default().insert(text("function_id"), estimate);
        } else {
            collect(&path, groups)?;
        }
    }
    Ok(())
}

fn json(path: &Path) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

fn duration(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e6 => format!("{:.2} µs", n / 1e3),
        n => format!("{:.2} ms", n / 1e6),
    }
}
