//! Names for findings that stay the same when files move and lines are renumbered.

use std::collections::HashMap;

use crate::finding::Finding;

/// One fingerprint for each finding, in order: 16 hexadecimal digits over the rule, the resource's address and the text at
/// fault without its white space. Findings that agree in all of that are told apart by their order in the inputs, which is the
/// same whether they were traced to other files or not.
#[must_use]
pub fn fingerprints<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<String> {
    let findings: Vec<&Finding> = findings.into_iter().collect();
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|at| findings.get(*at).map(|finding| in_input(finding)));
    let mut seen: HashMap<u64, u64> = HashMap::new();
    let mut one = |finding: &Finding| {
        let mut hash = Fnv::new();
        hash.text(finding.rule);
        hash.text(&finding.address.path);
        hash.text_without_space(finding.primary.place.untraced().text());
        let count = seen.entry(hash.0).or_insert(0);
        if *count > 0 {
            hash.text(&count.to_string());
        }
        *count += 1;
        format!("{:016x}", hash.0)
    };
    let mut named = vec![String::new(); findings.len()];
    for at in order {
        if let (Some(finding), Some(name)) = (findings.get(at), named.get_mut(at)) {
            *name = one(finding);
        }
    }
    named
}

/// The position of a finding in the inputs.
fn in_input(finding: &Finding) -> impl Ord + use<'_> {
    let place = finding.primary.place.untraced();
    let file = place.in_file();
    (file.source.name(), file.span.start, place.span.start, place.span.end)
}

/// A fingerprint over texts.
pub(super) fn of_texts(texts: &[&str]) -> String {
    let mut hash = Fnv::new();
    texts.iter().for_each(|text| hash.text(text));
    format!("{:016x}", hash.0)
}

/// The 64-bit FNV-1a hash: fixed for all time and all machines, which the standard library's hashers do not promise.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }

    fn text(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.byte(byte));
        // A byte that no text contains: keeps `ab`, `c` and `a`, `bc` apart.
        self.byte(0xff);
    }

    fn text_without_space(&mut self, text: &str) {
        text.bytes().filter(|byte| !byte.is_ascii_whitespace()).for_each(|byte| self.byte(byte));
        self.byte(0xff);
    }
}

#[cfg(test)]
mod tests {
    use super::Fnv;

    #[test]
    fn the_hash_is_fnv_1a() {
        let mut hash = Fnv::new();
        "foobar".bytes().for_each(|byte| hash.byte(byte));
        assert_eq!(hash.0, 0x8594_4171_f739_67e8);
    }
}
