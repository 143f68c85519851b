//! What a misspelt name was probably meant to be.

/// Longer names than this are no misspelling of any name in the policy language.
const LONGEST: usize = 48;

/// The candidate that is most like the name: a few letters off at most, letter case aside, or else the longest one that the
/// name starts with.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let limit = (name.len() / 4).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    let mut prefix: Option<&str> = None;
    for candidate in candidates {
        let lower = candidate.to_ascii_lowercase();
        let better = best.map_or(limit + 1, |(distance, _)| distance);
        if lower.len().abs_diff(name.len()) < better {
            let distance = distance(&name, &lower);
            if distance < better {
                best = Some((distance, candidate));
            }
        }
        if name.starts_with(&lower) && prefix.is_none_or(|known| known.len() < candidate.len()) {
            prefix = Some(candidate);
        }
    }
    best.map(|(_, candidate)| candidate).or(prefix)
}

/// The number of letters to insert, remove or replace to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (at, left) in from.bytes().enumerate() {
        let mut diagonal = at;
        let mut previous = at + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(to.bytes()) {
            let value = (diagonal + usize::from(left != right)).min(previous + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, value);
            previous = value;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or(from.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_letters() {
        for (from, to, expected) in
            [("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("abc", "abc", 0)]
        {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn finds_the_name_that_was_meant() {
        let names = ["Effect", "Action", "Resource", "NotResource", "Condition", "Principal"];
        for (name, expected) in [
            ("effect", Some("Effect")),
            ("Actions", Some("Action")),
            ("Conditions", Some("Condition")),
            ("ResourceArn", Some("Resource")),
            ("Comment", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, names.into_iter()), expected, "{name}");
        }
    }
}
