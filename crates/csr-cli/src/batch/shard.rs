//! Which items this process makes, where several share the work.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use anyhow::{Result, bail};

use super::item::{Id, hash_of};
use crate::args::BatchArgs;

/// What `--shard` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShardArg {
    Auto,
    Given(Shard),
}

/// One of equal parts of all items. Which items it has depends on nothing but their identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    index: u32,
    count: NonZeroU32,
}

impl Shard {
    pub(super) fn new(index: u32, count: NonZeroU32) -> Option<Self> {
        (index < count.get()).then_some(Self { index, count })
    }

    /// Its index, from 0, and how many shards there are.
    pub(super) fn numbers(self) -> (u32, u32) {
        (self.index, self.count.get())
    }

    /// The shard that the flags ask for, perhaps by way of the scheduler's variables.
    pub(super) fn of(args: &BatchArgs, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>> {
        match (args.shard, args.shards) {
            (None, _) => Ok(None),
            (Some(ShardArg::Given(_)), Some(_)) => {
                bail!(
                    "--shards: is for `--shard auto` only, because I/N says how many there are: leave it out"
                )
            }
            (Some(ShardArg::Given(shard)), None) => Ok(Some(shard)),
            (Some(ShardArg::Auto), shards) => Self::of_scheduler(shards, variable).map(Some),
        }
    }

    fn of_scheduler(shards: Option<NonZeroU32>, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        const SLURM: &str = "SLURM_ARRAY_TASK_ID";
        const KUBERNETES: &str = "JOB_COMPLETION_INDEX";
        const AWS: &str = "AWS_BATCH_JOB_ARRAY_INDEX";
        let set: Vec<_> =
            [SLURM, KUBERNETES, AWS].into_iter().filter(|name| variable(name).is_some()).collect();
        let environment = Environment { variable };
        let (index_name, index, count) = match set[..] {
            [SLURM] => {
                let (index, count) = environment.slurm_array()?;
                (SLURM, index, environment.count("SLURM_ARRAY_TASK_COUNT", count, shards)?)
            }
            [AWS] => {
                const SIZE: &str = "AWS_BATCH_JOB_ARRAY_SIZE";
                let count = environment.count(SIZE, environment.number(SIZE)?, shards)?;
                (AWS, environment.required(AWS)?, count)
            }
            [KUBERNETES] => {
                (KUBERNETES, environment.required(KUBERNETES)?, environment.count(KUBERNETES, None, shards)?)
            }
            [] => bail!(
                "--shard: `auto` needs {SLURM}, {KUBERNETES} or {AWS}, which the scheduler sets: give --shard I/N instead"
            ),
            _ => bail!("--shard: `auto` found both {}: give --shard I/N instead", set.join(" and ")),
        };
        let shard = u32::try_from(index).ok().and_then(|index| Self::new(index, count));
        shard.ok_or_else(|| {
            anyhow::anyhow!(
                "{index_name}: must be less than {count}, the number of shards, not {index}: give --shard I/N instead"
            )
        })
    }

    /// Whether the item belongs to it.
    pub(super) fn contains(self, id: &Id) -> bool {
        is_in(id.as_str(), self.numbers())
    }
}

/// Whether the item with this identifier belongs to the shard with this index, from 0, of so many.
pub(super) fn is_in(id: &str, (index, count): (u32, u32)) -> bool {
    u128::from_be_bytes(hash_of(id)).checked_rem(count.into()) == Some(index.into())
}

/// A scheduler's variables.
struct Environment<F> {
    variable: F,
}

impl<F: Fn(&str) -> Option<String>> Environment<F> {
    fn number(&self, name: &str) -> Result<Option<u64>> {
        let Some(text) = (self.variable)(name) else { return Ok(None) };
        match text.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => bail!("{name}: must be a number, as the scheduler sets it: give --shard I/N instead"),
        }
    }

    fn required(&self, name: &str) -> Result<u64> {
        self.number(name)?.ok_or_else(|| anyhow::anyhow!("{name}: must be set: give --shard I/N instead"))
    }

    /// The number of shards.
    fn count(&self, name: &str, found: Option<u64>, given: Option<NonZeroU32>) -> Result<NonZeroU32> {
        match (found, given) {
            (Some(found), Some(given)) if found != u64::from(given.get()) => bail!(
                "--shards: {given} shards are given, but {name} is {found}: start them all, or give --shard I/N instead"
            ),
            (_, Some(given)) => Ok(given),
            (Some(found), None) => u32::try_from(found).ok().and_then(NonZeroU32::new).ok_or_else(|| {
                anyhow::anyhow!("{name}: must be from 1 to {}: give --shard I/N instead", u32::MAX)
            }),
            (None, None) => {
                bail!("--shards: is required, because the scheduler does not say how many shards there are")
            }
        }
    }

    /// The place of this task among those of a Slurm array, and their number. The ids of an array may begin anywhere and
    /// have a step, but nothing says which ones an uneven array has.
    fn slurm_array(&self) -> Result<(u64, Option<u64>)> {
        let id = self.required("SLURM_ARRAY_TASK_ID")?;
        let count = self.number("SLURM_ARRAY_TASK_COUNT")?;
        let first = self.number("SLURM_ARRAY_TASK_MIN")?.unwrap_or(0);
        let last = self.number("SLURM_ARRAY_TASK_MAX")?;
        let step = self.number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1).max(1);
        let uneven = || {
            anyhow::anyhow!(
                "SLURM_ARRAY_TASK_ID: the array must have evenly spaced ids, such as --array=0-15: give --shard I/N instead"
            )
        };
        let distance = id.checked_sub(first).ok_or_else(uneven)?;
        if let (Some(last), Some(count)) = (last, count) {
            // Slurm gives the step as 1 for a list of ids.
            let length = last.checked_sub(first).ok_or_else(uneven)?;
            let expected = count.checked_sub(1).and_then(|steps| steps.checked_mul(step));
            if expected.is_none_or(|expected| length < expected || length - expected >= step) {
                return Err(uneven());
            }
        }
        if distance % step != 0 {
            return Err(uneven());
        }
        Ok((distance / step, count))
    }
}

impl FromStr for ShardArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        text.parse().map(Self::Given)
    }
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |digits: &str| {
            let are_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            if are_digits { digits.parse().ok() } else { None }
        };
        let shard = text
            .split_once('/')
            .and_then(|(index, count)| Self::new(number(index)?, NonZeroU32::new(number(count)?)?));
        shard.ok_or("must be I/N with I from 0 to N-1, such as 0/16, or `auto`")
    }
}

/// `I/N`.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(shards: Option<u32>, set: &[(&str, &str)]) -> Result<String, String> {
        let variable =
            |name: &str| set.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned());
        let shard = Shard::of_scheduler(shards.and_then(NonZeroU32::new), variable);
        shard.map(|shard| shard.to_string()).map_err(|error| error.to_string())
    }

    fn slurm(id: &str, count: &str, first: &str, last: &str, step: &str) -> Result<String, String> {
        let names = ["ID", "COUNT", "MIN", "MAX", "STEP"].map(|name| format!("SLURM_ARRAY_TASK_{name}"));
        let values = [id, count, first, last, step];
        let set: Vec<_> =
            names.iter().map(String::as_str).zip(values).filter(|(_, v)| !v.is_empty()).collect();
        auto(None, &set)
    }

    #[test]
    fn shard_is_an_index_below_a_count() {
        assert_eq!("3/16".parse::<Shard>().unwrap().to_string(), "3/16");
        assert_eq!("auto".parse::<ShardArg>(), Ok(ShardArg::Auto));
        for text in
            ["16/16", "0/0", "-1/4", "1", "1/", "/4", "+1/4", "1/4/4", " 1/4", "a/b", "", "1/4294967296"]
        {
            assert!(text.parse::<ShardArg>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_item_belongs_to_exactly_one_shard() {
        let count = NonZeroU32::new(7).unwrap();
        let mut sizes = [0; 7];
        for n in 0..2000 {
            let id = Id::new(&format!("device-{n}")).unwrap();
            let found: Vec<_> = (0..7).filter(|i| Shard::new(*i, count).unwrap().contains(&id)).collect();
            assert_eq!(found.len(), 1);
            let other_case = Id::new(&format!("DEVICE-{n}")).unwrap();
            assert!(Shard::new(found[0], count).unwrap().contains(&other_case));
            sizes[found[0] as usize] += 1;
        }
        assert!(sizes.iter().all(|size| (200..400).contains(size)), "{sizes:?}");
    }

    #[test]
    fn slurm_array_may_begin_anywhere_and_have_a_step() {
        assert_eq!(slurm("0", "16", "0", "15", "1").unwrap(), "0/16");
        assert_eq!(slurm("5", "16", "1", "16", "1").unwrap(), "4/16");
        assert_eq!(slurm("12", "4", "0", "12", "4").unwrap(), "3/4");
        // `--array=0-15:4` leaves the last id at 15 in some versions.
        assert_eq!(slurm("12", "4", "0", "15", "4").unwrap(), "3/4");
        assert_eq!(slurm("3", "16", "", "", "").unwrap(), "3/16");
        for sparse in [
            slurm("9", "3", "1", "9", "1"),
            slurm("3", "3", "1", "9", "1"),
            slurm("5", "4", "0", "12", "4"),
            slurm("0", "4", "1", "4", "1"),
        ] {
            assert!(sparse.unwrap_err().contains("evenly spaced"));
        }
        assert!(slurm("16", "16", "", "", "").unwrap_err().contains("must be less than 16"));
        assert!(
            slurm("x", "16", "", "", "").unwrap_err().starts_with("SLURM_ARRAY_TASK_ID: must be a number")
        );
        assert!(slurm("1", "0", "", "", "").unwrap_err().contains("must be from 1"));
    }

    #[test]
    fn scheduler_that_gives_no_count_needs_shards() {
        let kubernetes = [("JOB_COMPLETION_INDEX", "3")];
        assert_eq!(auto(Some(16), &kubernetes).unwrap(), "3/16");
        assert!(auto(None, &kubernetes).unwrap_err().starts_with("--shards: is required"));
        assert!(auto(Some(3), &kubernetes).unwrap_err().contains("must be less than 3"));
        let aws = [("AWS_BATCH_JOB_ARRAY_INDEX", "3")];
        assert_eq!(auto(Some(4), &aws).unwrap(), "3/4");
        let sized = [aws[0], ("AWS_BATCH_JOB_ARRAY_SIZE", "8")];
        assert_eq!(auto(None, &sized).unwrap(), "3/8");
        assert!(auto(Some(4), &sized).unwrap_err().starts_with("--shards: 4 shards are given"));
        assert!(auto(None, &[]).unwrap_err().contains("give --shard I/N"));
        assert!(auto(Some(4), &[kubernetes[0], aws[0]]).unwrap_err().contains("found both"));
    }
}
