//! Parameters and pseudo parameters: what a deployment gives, chosen where the template leaves it open.

use super::{Purpose, Resolver, item};
use crate::extract::cloudformation::accounts::Home;
use crate::extract::cloudformation::choices::Reach;
use crate::extract::cloudformation::text::{Text, known, unknown, wholly_unknown};
use crate::source::Span;
use crate::tree::{Form, Node, Part, Unknown, Value};

/// The pseudo parameter that is the id of the account.
pub(super) const ACCOUNT: &str = "AWS::AccountId";

/// The pseudo parameter that is the name of the region.
pub(super) const REGION: &str = "AWS::Region";

/// A partition of AWS: regions with accounts, ARNs and host names of their own.
pub(super) struct Partition {
    /// How the names of its regions begin.
    regions: &'static str,
    /// What its ARNs begin with after `arn:`.
    pub(super) name: &'static str,
    /// What the names of its hosts end in.
    suffix: &'static str,
}

const USUAL: Partition = Partition { regions: "", name: "aws", suffix: "amazonaws.com" };

const PARTITIONS: &[Partition] = &[
    Partition { regions: "cn-", name: "aws-cn", suffix: "amazonaws.com.cn" },
    Partition { regions: "us-gov-", name: "aws-us-gov", suffix: "amazonaws.com" },
    Partition { regions: "us-iso-", name: "aws-iso", suffix: "c2s.ic.gov" },
    Partition { regions: "us-isob-", name: "aws-iso-b", suffix: "sc2s.sgov.gov" },
    Partition { regions: "eu-isoe-", name: "aws-iso-e", suffix: "cloud.adc-e.uk" },
    Partition { regions: "us-isof-", name: "aws-iso-f", suffix: "csp.hci.ic.gov" },
    Partition { regions: "eusc-", name: "aws-eusc", suffix: "amazonaws.eu" },
];

/// The declaration of a parameter.
pub(super) struct Declaration<'n> {
    pub(super) name: &'n str,
    pub(super) default: Option<&'n str>,
    /// All its values, where the template lists them and it has only one at a time.
    pub(super) allowed: Vec<&'n str>,
    /// The pattern of its values, where it has only one at a time.
    pub(super) pattern: Option<&'n str>,
    pub(super) is_list: bool,
    pub(super) is_stored: bool,
}

impl<'a> Resolver<'a> {
    /// The declaration of a parameter; `None` where the template has no parameter of this name.
    pub(super) fn declaration<'n>(&self, name: &'n str) -> Option<Declaration<'n>>
    where
        'a: 'n,
    {
        let declaration = self.template.parameter(name)?;
        let type_name = declaration.get("Type").and_then(Node::as_text).unwrap_or("String");
        let is_list = type_name.contains("List<") || type_name == "CommaDelimitedList";
        let is_stored = type_name.starts_with("AWS::SSM::Parameter::Value<");
        let allowed = declaration.get("AllowedValues").and_then(Node::as_list).unwrap_or_default();
        let is_free = is_list || is_stored || self.is_module;
        let allowed = if is_free { &[] } else { allowed };
        let mut texts: Vec<&str> = Vec::new();
        for text in allowed.iter().filter_map(Node::as_text) {
            if !texts.contains(&text) && texts.len() < MAX_ALLOWED {
                texts.push(text);
            }
        }
        let default = declaration.get("Default").and_then(Node::as_text);
        let pattern = declaration.get("AllowedPattern").and_then(Node::as_text).filter(|_| !is_free);
        Some(Declaration { name, default, allowed: texts, pattern, is_list, is_stored })
    }

    /// The value of a parameter; `None` where the template declares no parameter of this name.
    pub(super) fn parameter(&self, name: &str, span: Span) -> Option<Value> {
        let declaration = self.declaration(name)?;
        if let Some(passed) =
            self.outer.filter(|_| !declaration.is_stored).and_then(|outer| outer.value(name, self.purpose.get()))
        {
            return Some(if declaration.is_list { listed(passed, span) } else { passed });
        }
        Some(match self.text_of(&declaration) {
            Err(reason) => {
                let unknown = unknown(format!("Ref {name}"), reason, Form::Anything);
                if declaration.is_list { Value::Unknown(unknown) } else { Value::Scalar(wholly_unknown(unknown)) }
            }
            Ok(text) if !declaration.is_list => Value::Scalar(known(&text)),
            Ok(text) if text.is_empty() => Value::List(Vec::new()),
            Ok(text) => Value::List(text.split(',').map(|part| item(part.trim(), span)).collect()),
        })
    }

    /// The text that a deployment gives for a parameter, or why it is not known.
    fn text_of(&self, declaration: &Declaration<'_>) -> Result<String, &'static str> {
        let Declaration { name, default, allowed, is_stored, .. } = declaration;
        let variable = self.variable_name(name);
        if *is_stored {
            return Err("is read from the Parameter Store at deployment");
        }
        if let Some(given) = self.given(declaration) {
            return Ok(given.to_owned());
        }
        if self.purpose.get() != Purpose::Text {
            self.choices.divide(&variable);
        }
        if let Some(value) = self.choices.value(&variable) {
            return Ok(value);
        }
        let chooses = match self.choices.reach() {
            Reach::Everything => true,
            Reach::Conditions => self.purpose.get() != Purpose::Text,
            Reach::Nothing | Reach::Defaults => false,
        };
        match (allowed.as_slice(), default) {
            ([only], _) => Ok((*only).to_owned()),
            ([_, ..], _) if chooses => self.chosen(&variable, declaration),
            (_, Some(default)) if self.choices.excludes(&variable, default) => Err(ANOTHER),
            (_, Some(_)) if self.is_open_for_purpose() => Err("is a parameter with any value"),
            (_, Some(default)) => self.kept(&variable, declaration, default),
            ([_, ..], None) => Err("has one of several allowed values"),
            ([], None) => Err("is a parameter without a default"),
        }
    }

    /// Whether a default is one value among others: always in a condition, in a key as far as deployments are told apart.
    fn is_open_for_purpose(&self) -> bool {
        match self.purpose.get() {
            Purpose::Text => false,
            Purpose::Key => matches!(self.choices.reach(), Reach::Everything | Reach::Conditions),
            Purpose::Condition => true,
        }
    }

    /// The default, which text keeps; where conditions will ask for the value, one of those that they ask for.
    fn kept(&self, variable: &str, declaration: &Declaration<'_>, default: &str) -> Result<String, &'static str> {
        let Some(asked) = self.choices.foreseen(variable) else {
            self.choices.keep(variable, default);
            return Ok(default.to_owned());
        };
        let values = std::iter::once(default).chain(asked.iter().map(String::as_str).filter(|value| *value != default));
        let mut values = values.filter(|value| self.can_be(declaration, value));
        let found = values.find_map(|value| match self.choices.is(variable, value, &declaration.allowed) {
            Some(true) => Some(Some(value)),
            Some(false) => None,
            None => Some(None),
        });
        match found {
            Some(Some(value)) if value != default => {
                self.choices.depart(variable);
                self.choices.tell_last(variable, &format!("`{variable}` is `{value}`"));
                Ok(value.to_owned())
            }
            Some(_) => Ok(default.to_owned()),
            None => {
                self.choices.depart(variable);
                self.choices.tell_last(variable, &format!("`{variable}` has another value"));
                Err(ANOTHER)
            }
        }
    }

    /// Whether the template lets a parameter have a value.
    fn can_be(&self, declaration: &Declaration<'_>, value: &str) -> bool {
        !declaration.pattern.is_some_and(|pattern| self.patterns.refuses(pattern, value))
    }

    /// One of the values that a parameter can have. In text a deployment is taken to keep the default.
    fn chosen(&self, variable: &str, declaration: &Declaration<'_>) -> Result<String, &'static str> {
        let Declaration { default, allowed, .. } = declaration;
        let keeps = default.filter(|default| !self.choices.excludes(variable, default));
        let value = self.choices.one_of(variable, allowed).ok_or("has one of several allowed values")?;
        self.choices.tell(variable, &format!("`{variable}` is `{value}`"));
        if keeps.is_some_and(|default| default != value) {
            self.choices.depart(variable);
        }
        Ok(value.to_owned())
    }

    /// What the command line gives for a parameter. What a stack within a stack is not given has its default; a stack set
    /// may give others.
    pub(super) fn given<'n>(&self, declaration: &Declaration<'n>) -> Option<&'n str>
    where
        'a: 'n,
    {
        match self.outer {
            _ if declaration.is_stored => None,
            None => self.settings.parameters.get(declaration.name).map(String::as_str),
            Some(_) if self.elsewhere == Some(self.prefix) => None,
            Some(_) => declaration.default,
        }
    }

    /// The name of a parameter or condition among those of all stacks that are evaluated together.
    pub(super) fn variable_name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The value of a pseudo parameter; `None` for any other name.
    pub(super) fn pseudo_parameter(&self, name: &str) -> Option<Value> {
        let scalar = match name {
            "AWS::Partition" => known(self.partition().name),
            REGION if self.region().is_some() => known(self.region().unwrap_or_default()),
            "AWS::URLSuffix" => known(self.partition().suffix),
            "AWS::NotificationARNs" => {
                return Some(Value::Unknown(set_by_deployment(self.pseudo_name(name), Form::Identifier)));
            }
            ACCOUNT => return Some(self.account()),
            _ if name.starts_with("AWS::") => match self.choices.value(&self.pseudo_name(name)) {
                Some(value) => known(&value),
                None => wholly_unknown(set_by_deployment(self.pseudo_name(name), Form::Identifier)),
            },
            _ => return None,
        };
        Some(Value::Scalar(scalar))
    }

    /// The region, where it is given.
    pub(super) fn region(&self) -> Option<&'a str> {
        self.settings.region.as_deref().filter(|_| self.elsewhere.is_none())
    }

    /// The partition of the region; the usual one where no region is given.
    pub(super) fn partition(&self) -> &'static Partition {
        let region = self.region().unwrap_or_default();
        PARTITIONS.iter().find(|partition| region.starts_with(partition.regions)).unwrap_or(&USUAL)
    }

    /// The name of a pseudo parameter among those of all stacks that are evaluated together.
    pub(super) fn pseudo_name(&self, name: &str) -> String {
        format!("{}{name}", self.elsewhere.unwrap_or_default())
    }

    /// The id of the account: given, told by what the template declares, or one of those that it names, or another.
    fn account(&self) -> Value {
        if self.purpose.get() != Purpose::Text {
            self.choices.divide(ACCOUNT);
        }
        let open = |form| Value::Scalar(wholly_unknown(set_by_deployment(self.pseudo_name(ACCOUNT), form)));
        let is_given = |id: &str| Value::Scalar(known(id));
        match self.home {
            Home::Given(id) | Home::Inferred(id) => is_given(id),
            Home::OneOf { ids, likely } => {
                for id in ids {
                    match self.choices.is(ACCOUNT, id, &[]) {
                        Some(true) => {
                            self.choices.tell(ACCOUNT, &format!("the account is {id}"));
                            if likely.is_some_and(|likely| likely != id) {
                                self.choices.depart(ACCOUNT);
                            }
                            return is_given(id);
                        }
                        Some(false) => {}
                        None => return open(Form::Identifier),
                    }
                }
                if ids.is_empty() {
                    return open(Form::Identifier);
                }
                if likely.is_some() {
                    self.choices.depart(ACCOUNT);
                }
                self.choices.tell(ACCOUNT, &format!("the account is not {}", ids.join(" or ")));
                open(Form::Distinct)
            }
        }
    }
}

/// The list that a parameter has which is given text: its parts between commas.
fn listed(passed: Value, span: Span) -> Value {
    let Value::Scalar(scalar) = &passed else { return passed };
    let mut items = vec![Text::default()];
    for part in &scalar.parts {
        match part {
            Part::Known(text) => {
                for (nth, piece) in text.split(',').enumerate() {
                    if nth > 0 {
                        items.push(Text::default());
                    }
                    if let Some(last) = items.last_mut() {
                        last.push(piece.trim());
                    }
                }
            }
            Part::Unknown(unknown) => {
                if let Some(last) = items.last_mut() {
                    last.push_unknown((**unknown).clone());
                }
            }
        }
    }
    Value::List(items.into_iter().map(|text| Node { span, value: Value::Scalar(text.finish()) }).collect())
}

const ANOTHER: &str = "has another value here";

/// How many allowed values of one parameter are told apart.
const MAX_ALLOWED: usize = 64;

fn set_by_deployment(name: String, form: Form) -> Unknown {
    unknown(name, "is settled by the deployment", form)
}
