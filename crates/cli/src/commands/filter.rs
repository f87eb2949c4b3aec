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
            let texts = matches.get_many::<String>(field.name).into_iter().flatten();
            let mut texts: Vec<_> = texts.cloned().collect();
            if has_names(field) && !texts.is_empty() {
                texts = vec![texts.join(",")];
            }
            let pairs = texts.into_iter().map(|text| (field.name.to_owned(), text));
            self.0.extend(pairs);
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

/// Whether a field takes several names, be it in one option or in as many.
fn has_names(field: &Field) -> bool {
    !(field.options)().is_empty() && field.name != "never_used"
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
        _ if has_names(field) => option.value_delimiter(','),
        _ => option,
    }
}
