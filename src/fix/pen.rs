//! Writes new parts of a policy the way the text around them is written.

/// A new value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum New {
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// A map.
    Map(Vec<(String, Self)>),
}

impl New {
    /// A string.
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A list of strings; a single one is written without a list.
    pub(super) fn texts(texts: &[&str]) -> Self {
        match texts {
            [only] => Self::text(only),
            texts => Self::List(texts.iter().map(|text| Self::text(text)).collect()),
        }
    }

    /// A map.
    pub(super) fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }
}

/// How wide a line of new text may be.
pub(super) const WIDTH: usize = 100;

/// The manner of a text.
#[derive(Clone, Debug)]
pub(super) struct Pen {
    /// Whether everything has to be JSON.
    pub(super) json: bool,
    /// The quote around strings that need none; `None` where such strings stand without quotes.
    pub(super) quote: Option<char>,
    /// The quote around strings that need one.
    pub(super) needed_quote: char,
    /// How lines end.
    pub(super) newline: &'static str,
    /// One step of indent.
    pub(super) step: String,
    /// How far the dashes of a list stand behind the key above them.
    pub(super) dash: String,
    /// Which values a block writes within brackets, where they fit on the line.
    pub(super) inline: Inline,
}

/// Which values a block writes within brackets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Inline {
    /// Maps of strings.
    pub(super) maps: bool,
    /// Lists of strings.
    pub(super) lists: bool,
}

impl Pen {
    /// A string within brackets (`flow`) or in a block.
    pub(super) fn scalar(&self, text: &str, flow: bool) -> String {
        match self.quote {
            _ if self.json => quoted(text, '"'),
            Some(quote) => quoted(text, quote),
            None if is_plain(text, flow) => text.to_owned(),
            None => quoted(text, self.needed_quote),
        }
    }

    /// A key.
    pub(super) fn key(&self, text: &str, flow: bool) -> String {
        if self.json {
            quoted(text, '"')
        } else if is_plain(text, flow) {
            text.to_owned()
        } else {
            quoted(text, self.needed_quote)
        }
    }

    /// A string in the place of another one: quoted as that one was.
    pub(super) fn instead_of(&self, old: &str, text: &str, flow: bool) -> String {
        match old.chars().next() {
            Some(quote @ ('"' | '\'')) => quoted(text, quote),
            _ if self.json => quoted(text, '"'),
            // Where a boolean or number stood without quotes, another one may.
            _ if is_plain(text, flow) || is_value(text) => text.to_owned(),
            _ => quoted(text, self.needed_quote),
        }
    }

    /// A value on one line, lists and maps within brackets.
    pub(super) fn flow(&self, new: &New) -> String {
        match new {
            New::Text(text) => self.scalar(text, true),
            New::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", items.join(", "))
            }
            New::Map(entries) => {
                let entry = |(key, value): &(String, New)| format!("{}: {}", self.key(key, true), self.flow(value));
                let entries: Vec<String> = entries.iter().map(entry).collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    /// A value within brackets, each entry of a map on a line of its own; `indent` is that of the line it begins on.
    pub(super) fn lines(&self, new: &New, indent: &str) -> String {
        let inner = format!("{indent}{}", self.step);
        let (open, items, close): (_, Vec<String>, _) = match new {
            New::Text(text) => return self.scalar(text, true),
            New::Map(entries) => {
                let entry =
                    |(key, value): &(String, New)| format!("{}: {}", self.key(key, true), self.lines(value, &inner));
                ('{', entries.iter().map(entry).collect(), '}')
            }
            New::List(items) => {
                let one_line = self.flow(new);
                if indent.len() + one_line.len() + 12 <= WIDTH {
                    return one_line;
                }
                ('[', items.iter().map(|item| self.lines(item, &inner)).collect(), ']')
            }
        };
        let (newline, separator) = (self.newline, format!(",{}{inner}", self.newline));
        format!("{open}{newline}{inner}{}{newline}{indent}{close}", items.join(&separator))
    }

    /// An entry of a block, without the indent of its first line.
    pub(super) fn block_entry(&self, key: &str, value: &New, indent: &str) -> String {
        let key = self.key(key, false);
        let rest = self.after_key(key.len(), value, indent);
        key + &rest
    }

    /// What follows a block's key of this length: the colon and the value, in brackets where that is the manner and it fits.
    pub(super) fn after_key(&self, key: usize, value: &New, indent: &str) -> String {
        let flat = |value: &New| matches!(value, New::Text(_));
        let inline = match value {
            New::Map(entries) => self.inline.maps && entries.iter().all(|(_, value)| flat(value)),
            New::List(items) => self.inline.lists && items.iter().all(flat),
            New::Text(_) => false,
        };
        let flow = if inline { self.flow(value) } else { String::new() };
        if inline && indent.len() + key + flow.len() + 2 <= WIDTH {
            return format!(": {flow}");
        }
        format!(":{}", self.block_value(value, indent))
    }

    /// What follows the colon of a block's key.
    fn block_value(&self, value: &New, indent: &str) -> String {
        match value {
            New::Text(text) => format!(" {}", self.scalar(text, false)),
            New::Map(_) => {
                let inner = format!("{indent}{}", self.step);
                format!("{}{inner}{}", self.newline, self.block(value, &inner))
            }
            New::List(items) => {
                let inner = format!("{indent}{}", self.dash);
                let item = |item: &New| match item {
                    New::Text(text) => format!("{inner}- {}", self.scalar(text, false)),
                    other => format!("{inner}- {}", self.block(other, &format!("{inner}  "))),
                };
                let items: Vec<String> = items.iter().map(item).collect();
                format!("{}{}", self.newline, items.join(self.newline))
            }
        }
    }

    /// The entries of a map as a block, without the indent of the first line.
    pub(super) fn block(&self, new: &New, indent: &str) -> String {
        let New::Map(entries) = new else { return self.flow(new) };
        let entries: Vec<String> = entries.iter().map(|(key, value)| self.block_entry(key, value, indent)).collect();
        entries.join(&format!("{}{indent}", self.newline))
    }
}

/// Whether YAML reads the text without quotes as this very string, whichever version of YAML it is.
fn is_plain(text: &str, flow: bool) -> bool {
    let inner = |character: char| character.is_ascii_alphanumeric() || "_-./".contains(character);
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !text.ends_with(':')
        && text.chars().all(|character| inner(character) || (character == ':' && !flow))
        && !words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether the text is a boolean or a whole number.
fn is_value(text: &str) -> bool {
    matches!(text, "true" | "false") || (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn quoted(text: &str, quote: char) -> String {
    if quote == '\'' && !text.chars().any(char::is_control) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pen() -> Pen {
        let (step, dash) = ("  ".to_owned(), "  ".to_owned());
        Pen { json: false, quote: None, needed_quote: '\'', newline: "\n", step, dash, inline: Inline::default() }
    }

    fn condition() -> New {
        New::map([("Bool", New::map([("aws:MultiFactorAuthPresent", New::text("true"))]))])
    }

    #[test]
    fn strings_are_quoted_where_they_would_be_something_else() {
        let pen = pen();
        for text in ["true", "No", "*", "1", "", "a: b", "a:", "${x}", "é", "- a", "!x", "&y"] {
            assert_eq!(pen.scalar(text, false), format!("'{text}'"), "{text}");
        }
        assert_eq!(pen.scalar("s3:GetObject", false), "s3:GetObject");
        assert_eq!(pen.scalar("s3:GetObject", true), "'s3:GetObject'");
        assert_eq!(pen.scalar("it's", false), "'it''s'");
        assert_eq!(pen.instead_of("false", "true", false), "true");
        assert_eq!(pen.instead_of("\"false\"", "true", false), "\"true\"");
    }

    #[test]
    fn a_value_is_written_in_each_manner() {
        let pen = pen();
        assert_eq!(pen.flow(&condition()), "{Bool: {'aws:MultiFactorAuthPresent': 'true'}}");
        assert_eq!(
            pen.block_entry("Condition", &condition(), "    "),
            "Condition:\n      Bool:\n        aws:MultiFactorAuthPresent: 'true'"
        );
        let json = Pen { json: true, ..pen };
        let lines = "{\n  \"Bool\": {\n    \"aws:MultiFactorAuthPresent\": \"true\"\n  }\n}";
        assert_eq!(json.lines(&condition(), ""), lines);
    }
}
