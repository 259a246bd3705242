//! `csr create` on a terminal asks for what the command line leaves out. The answers become arguments: the command line
//! with them is parsed as any other, and shown.

use std::ffi::OsString;
use std::io::{self, ErrorKind, IsTerminal};

use anyhow::{Context, Result, bail};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use csr_core::{Field, KeyFormat, PrivateKeyAlgo, Usage};
use dialoguer::console::Term;
use dialoguer::{Confirm, Input, Select};

use super::content::Content;
use super::target::{self, Target};
use super::{Profile, reads_standard_input};
use crate::args::{self, Cli, Command, CreateArgs, DEFAULT_ALGORITHM, KeyFormatName};
use crate::failure::Refusals;
use crate::given;
use crate::output::Page;
use crate::signals::Held;

/// Whether somebody is there to answer, and the command line says not even what the certificate is for.
pub(crate) fn is_wanted(args: &CreateArgs) -> bool {
    let names_something = args.request.is_some() || args.names_something();
    let is_for_programs = args.json || !reads_standard_input(args).is_empty();
    let has_terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    has_terminal && !names_something && !is_for_programs
}

/// Asks, and returns the command line with the answers.
pub(crate) fn complete(line: &[OsString], matches: &ArgMatches) -> Result<Vec<OsString>> {
    let mut questions = Questions::new(line)?;
    let is_given = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
    let mut page = Page::default();
    page.line("Enter takes the answer in brackets. Ctrl-C ends the questions, and nothing is made.");
    page.print_aside();

    questions.domain()?;
    questions.further_names()?;
    let given = questions.args.key.is_some() || is_given("algorithm");
    if !given {
        questions.algorithm()?;
    }
    let usage = Some(questions.args.content.usage).filter(|_| is_given("usage"));
    questions.company(usage)?;
    if questions.args.key.is_none()
        && questions.args.key_format == KeyFormatName::Pkcs8
        && !questions.args.encrypt
    {
        questions.encryption()?;
    }
    if !questions.args.stdout && !is_given("out") {
        questions.folder()?;
    }

    let mut page = Page::default();
    page.line("");
    page.line("This command does the same:");
    page.line(&format!("  csr create {}", questions.shown()));
    page.line("");
    page.print_aside();
    Ok(questions.line(&[]))
}

struct Questions<'a> {
    /// The command line as it was given.
    given: &'a [OsString],
    args: Box<CreateArgs>,
    answers: Vec<String>,
}

/// What the algorithms are for, as far as somebody who must choose wants to know.
fn algorithm_with_hint(algorithm: PrivateKeyAlgo) -> String {
    let hint = match algorithm {
        PrivateKeyAlgo::Rsa2048 => "  the most widely supported",
        PrivateKeyAlgo::EcP256 => "   small and fast, and supported by all today's software",
        PrivateKeyAlgo::Sm2 => "       for China's national standards",
        _ => "",
    };
    format!("{algorithm}{hint}")
}

impl<'a> Questions<'a> {
    /// Refuses at once what is wrong without any answer.
    fn new(given: &'a [OsString]) -> Result<Self> {
        let mut questions = Self { given, args: Box::new(parse(given.to_vec())?), answers: Vec::new() };
        let args = questions.args_with(&["localhost".to_owned()])?;
        let mut faults = Refusals::default();
        let content = Content::read(&args, &mut faults);
        target::base_name(&args, &content, &mut faults);
        faults.check()?;
        questions.answers.clear();
        Ok(questions)
    }

    fn domain(&mut self) -> Result<()> {
        let check = |answer: &str| self.check(&[format!("--domain={answer}")], false);
        let answer = text("Domain or IP address that the certificate is for", None, false, check)?;
        self.answers.push(answer);
        Ok(())
    }

    fn further_names(&mut self) -> Result<()> {
        let words = |answer: &str| {
            let words = answer.split([' ', ',', ';']).filter(|word| !word.is_empty());
            words.map(|word| (san_flag(word), word.to_owned())).collect::<Vec<_>>()
        };
        let check = |answer: &str| {
            let names: Vec<_> = words(answer).iter().map(|(flag, word)| format!("{flag}={word}")).collect();
            self.check(&names, false)
        };
        let answer = text("Further names, with blanks between them [none]", None, true, check)?;
        let (hosts, others): (Vec<_>, Vec<_>) =
            words(&answer).into_iter().partition(|(flag, _)| *flag == "--san");
        self.answers.extend(hosts.into_iter().map(|(_, name)| name));
        others.iter().for_each(|(flag, name)| self.push(flag, name));
        Ok(())
    }

    fn algorithm(&mut self) -> Result<()> {
        let format = KeyFormat::from(self.args.key_format);
        let possible: Vec<_> = PrivateKeyAlgo::ALL
            .iter()
            .copied()
            .filter(|algorithm| format.can_hold((*algorithm).into()))
            .collect();
        let default = possible.iter().position(|algorithm| *algorithm == DEFAULT_ALGORITHM).unwrap_or(0);
        let select = Select::new()
            .with_prompt("Algorithm of the key (arrow keys, then Enter)")
            .items(possible.iter().map(|algorithm| algorithm_with_hint(*algorithm)))
            .default(default);
        let chosen = possible[answer(|| select.interact())?];
        if chosen != DEFAULT_ALGORITHM {
            self.push("--algorithm", chosen.as_str());
        }
        Ok(())
    }

    /// Asks whether it is for a company unless the usage is given, and for the company's fields.
    fn company(&mut self, usage: Option<Usage>) -> Result<()> {
        let is_company = match usage {
            Some(usage) => usage == Usage::Enterprise,
            None => {
                let is_company = confirm("Does the certificate name a company or organization?")?;
                if is_company {
                    self.push("--usage", Usage::Enterprise.as_str());
                }
                is_company
            }
        };
        if !is_company {
            return Ok(());
        }
        let content = &self.args.content;
        let fields = [
            (Field::Country, &content.country, "Country, by its two letters"),
            (Field::Province, &content.province, "Province or state"),
            (Field::City, &content.city, "City"),
            (Field::Organization, &content.organization, "Name of the company or organization"),
        ];
        let missing: Vec<_> = fields
            .into_iter()
            .filter(|(_, flag, _)| flag.is_none())
            .map(|(field, _, prompt)| (field, prompt))
            .collect();
        let mut faults = Refusals::default();
        let profile =
            Profile::read(self.args.config.as_deref(), missing.iter().map(|(field, _)| *field), &mut faults);
        faults.check()?;
        for (field, prompt) in missing {
            let flag = args::flag(field).context("a company field has no flag; please report this")?;
            let default = profile.value(field);
            let check = |answer: &str| match answer {
                "" => Err("is required".to_owned()),
                answer => self.check(&[format!("{flag}={answer}")], false),
            };
            let answer = text(prompt, default, false, check)?;
            if Some(&*answer) != default {
                self.push(flag, &answer);
            }
        }
        Ok(())
    }

    fn encryption(&mut self) -> Result<()> {
        if confirm("Encrypt the key under a pass phrase?")? {
            self.answers.push("--encrypt".to_owned());
        }
        Ok(())
    }

    fn folder(&mut self) -> Result<()> {
        const HERE: &str = ".";
        let check = |answer: &str| self.check(&[format!("--out={answer}")], true);
        let answer = text("Folder for the files", Some(HERE), false, check)?;
        if answer != HERE {
            self.push("--out", &answer);
        }
        Ok(())
    }

    fn push(&mut self, flag: &str, value: &str) {
        if value.starts_with('-') {
            self.answers.push(format!("{flag}={value}"));
        } else {
            self.answers.extend([flag.to_owned(), value.to_owned()]);
        }
    }

    /// The command line with the answers and these arguments.
    fn line(&self, more: &[String]) -> Vec<OsString> {
        let (before, after) = self.given.split_at(2.min(self.given.len()));
        let answers = self.answers.iter().chain(more).map(OsString::from);
        before.iter().cloned().chain(answers).chain(after.iter().cloned()).collect()
    }

    /// The arguments behind `csr create`, quoted for a shell. What was given and may be a secret is not shown.
    fn shown(&self) -> String {
        let answers = shell_words::join(&self.answers);
        let given = self.given.iter().skip(2).map(|arg| arg.to_string_lossy()).collect::<Vec<_>>();
        let given = shell_words::join(given);
        [&*answers, &given::without_secrets(&given)].join(" ").trim().to_owned()
    }

    /// The parsed command line, without what is checked when all answers are known.
    fn args_with(&self, more: &[String]) -> Result<CreateArgs> {
        let mut args = parse(self.line(more))?;
        args.content.usage = Usage::Personal;
        // It may be a pipe, which can be read only once.
        args.content.challenge_password_file = None;
        Ok(args)
    }

    /// Checks an answer in the form of arguments, as the command does.
    fn check(&self, more: &[String], with_files: bool) -> Result<(), String> {
        more.iter().for_each(|answer| given::add(answer));
        let mut faults = Refusals::default();
        if let Some(args) = faults.take_chain(self.args_with(more)) {
            let content = Content::read(&args, &mut faults);
            if with_files {
                Target::check(&args, &content, &mut faults);
            }
        }
        faults.check().map_err(|faults| faults.messages())
    }
}

fn parse(line: Vec<OsString>) -> Result<CreateArgs> {
    let parsed =
        Cli::command().try_get_matches_from(line).and_then(|matches| Cli::from_arg_matches(&matches));
    match parsed.map(|cli| cli.command) {
        Ok(Command::Create(args)) => Ok(*args),
        Ok(_) => bail!("the answers make another command; please report this"),
        Err(error) => bail!("{}", error.to_string().lines().next().unwrap_or_default()),
    }
}

/// The flag for a name of this form.
fn san_flag(name: &str) -> &'static str {
    match name {
        name if name.contains("://") => "--san-uri",
        name if name.contains('@') => "--san-email",
        _ => "--san",
    }
}

/// Asks until the answer is accepted. It has no blanks around it.
fn text(
    prompt: &str,
    default: Option<&str>,
    may_be_empty: bool,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<String> {
    let mut input = Input::<String>::new()
        .with_prompt(prompt)
        .allow_empty(may_be_empty)
        .validate_with(|answer: &String| check(answer.trim()));
    if let Some(default) = default {
        input = input.default(default.to_owned());
    }
    Ok(answer(|| input.interact_text())?.trim().to_owned())
}

/// Asks for yes or no, where no is the default.
fn confirm(prompt: &str) -> Result<bool> {
    answer(|| Confirm::new().with_prompt(prompt).default(false).wait_for_newline(true).interact())
}

/// The answer to one question. Ctrl-C ends the command by its signal, with the terminal as it was.
fn answer<T>(ask: impl FnOnce() -> dialoguer::Result<T>) -> Result<T> {
    let _held = Held::interrupt()?;
    let dialoguer::Error::IO(error) = match ask() {
        Ok(answer) => return Ok(answer),
        Err(error) => error,
    };
    let terminal = Term::stderr();
    // If the terminal fails, there is nowhere left to report to.
    let _ = terminal.show_cursor().and_then(|()| terminal.write_line(""));
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::UnexpectedEof => bail!("no answer was given"),
        _ => Err(error).context("cannot ask on this terminal"),
    }
}
