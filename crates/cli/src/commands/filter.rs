//! Which tokens are meant, as options: one for each field of the grammar, and
//! `--where FIELD=VALUE` for all of them.

use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches,
    builder::{PossibleValuesParser, ValueParser},
    error::ErrorKind,
};
use tokenry_domain::token_query::{FIELDS, Field};

/// The option that takes any field.
const WHERE: &str = "where";

/// What was asked for, field by field.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter(pub(crate) Vec<(String, String)>);

impl FromArgMatches for Filter {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut filter = Self::default();
        filter.update_from_arg_matches(matches)?;
        Ok(filter)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        for field in &FIELDS {
            let texts = matches.get_occurrences::<String>(field.name);
            for texts in texts.into_iter().flatten() {
                let text = texts.map(String::as_str).collect::<Vec<_>>().join(",");
                self.0.push((field.name.to_owned(), text));
            }
        }
        for pair in matches.get_many::<String>(WHERE).into_iter().flatten() {
            let (name, text) = pair.split_once('=').ok_or_else(no_pair)?;
            self.0.push((name.to_owned(), text.to_owned()));
        }
        Ok(())
    }
}

impl Args for Filter {
    fn augment_args(command: Command) -> Command {
        let any = Arg::new(WHERE)
            .long(WHERE)
            .value_name("FIELD=VALUE")
            .action(ArgAction::Append)
            .help("Any of these conditions, as the API has it: --where created_before=7d");
        command.args(FIELDS.iter().map(option)).arg(any)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn no_pair() -> Error {
    Error::raw(
        ErrorKind::ValueValidation,
        "--where takes a field and a value: --where kind=personal\n",
    )
}

/// The owner was called the user first.
fn option(field: &'static Field) -> Arg {
    let options = (field.options)();
    let long = match field.name {
        "owner" => "user".to_owned(),
        name => name.replace('_', "-"),
    };
    let parser = if options.is_empty() {
        ValueParser::string()
    } else {
        PossibleValuesParser::new(&options).into()
    };
    let option = Arg::new(field.name)
        .long(long)
        .value_name(field.value.to_uppercase())
        .help(field.help)
        .value_parser(parser)
        .action(ArgAction::Append);
    match field.name {
        "owner" => option.visible_alias("owner"),
        "never_used" => option.num_args(0..=1).default_missing_value("true"),
        _ if !options.is_empty() => option.value_delimiter(','),
        _ => option,
    }
}
