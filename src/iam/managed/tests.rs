use std::collections::HashSet;

use super::*;
use crate::iam::document::{Effect, Statement};

fn of(name: &str) -> Arc<Document> {
    document(&by_name(name).expect(name)).expect(name)
}

fn patterns(statement: &Statement) -> Vec<&str> {
    let resources = statement.resources.iter().flat_map(|resources| &resources.items);
    statement.actions.items.iter().chain(resources).filter_map(|text| text.scalar.as_text()).collect()
}

#[test]
fn every_policy_of_the_table_can_be_read() {
    let names: Vec<&str> = table::all().map(|entry| entry.name).collect();
    assert!(names.len() > 1000);
    assert!(names.is_sorted());
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    for name in names {
        let document = of(name);
        assert!(document.problems.iter().all(|problem| !problem.refused), "{name}: {:?}", document.problems);
        assert!(!document.statements.is_empty(), "{name}");
        for statement in &document.statements {
            assert!(statement.unknown.is_none() && statement.sid.is_none(), "{name}");
            assert!(!statement.actions.items.is_empty() && statement.resources.is_some(), "{name}");
            let about_mfa = |key: &str| key.to_ascii_lowercase().contains("multifactor");
            assert!(!statement.tests.iter().any(|test| about_mfa(&test.key)), "{name}");
        }
    }
}

#[test]
fn dates_and_sources_are_plain() {
    assert!(DATE.parse::<jiff::civil::Date>().is_ok(), "{DATE}");
    assert!(SOURCE.starts_with("moto "), "{SOURCE}");
}

#[test]
fn a_document_is_laid_out_and_says_what_it_is() {
    let document = of("AdministratorAccess");
    assert_eq!(document.place.source.name(), "AdministratorAccess (AWS-managed)");
    assert!(document.place.source.is_built_in());
    assert_eq!(
        document.place.text(),
        "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \
         \"Action\": \"*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}"
    );
}

#[test]
fn statements_keep_what_decides() {
    let own = of("IAMUserChangePassword");
    let parts: Vec<Vec<&str>> = own.statements.iter().map(patterns).collect();
    let user = ["iam:ChangePassword", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"];
    assert_eq!(parts, [user.to_vec(), vec!["iam:GetAccountPasswordPolicy", "*"]]);
    let power = of("PowerUserAccess");
    assert!(power.statements.iter().any(|statement| statement.actions.negated));
    assert!(of("AWSDenyAll").statements.iter().any(|statement| statement.effect == Effect::Deny));
}

#[test]
fn arns_are_exact_and_partitions_known() {
    for known in [
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws-us-gov:iam::aws:policy/job-function/ViewOnlyAccess",
        "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    ] {
        assert!(document(known).is_some(), "{known}");
    }
    for unknown in [
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole",
        "arn:aws:iam::aws:policy/job-function/ReadOnlyAccess",
        "arn:aws:iam::aws:policy//ReadOnlyAccess",
        "arn:aws:iam::111122223333:policy/ReadOnlyAccess",
        "arn:moon:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/",
        "ReadOnlyAccess",
    ] {
        assert!(document(unknown).is_none(), "{unknown}");
    }
    let lambda = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    assert_eq!(by_name("AWSLambdaBasicExecutionRole").as_deref(), Some(lambda));
    assert_eq!(by_name("NoSuchPolicy"), None);
}

#[test]
fn resources_are_those_of_the_partition() {
    let china = document("arn:aws-cn:iam::aws:policy/IAMUserChangePassword").expect("known");
    let own = china.statements.first().expect("two statements");
    assert!(patterns(own).contains(&"arn:aws-cn:iam::*:user/${aws:username}"));
}
