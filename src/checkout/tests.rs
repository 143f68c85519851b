use std::fs;
use std::path::Path;

use serde_json::json;

use super::*;

/// A plan that was made of these root blocks and module calls.
fn plan(folder: &Path, root: &serde_json::Value) -> Input {
    let text = json!({"format_version": "1.2", "configuration": {"root_module": root}}).to_string();
    let span = Span::new(0, text.len());
    let name = folder.join("plan.json").display().to_string();
    Input::new(Source::file(name, text), Format::TerraformPlan(span))
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The file, line and text of the header of a block, or why there is none.
fn header(files: &[(&str, &str)], root: &serde_json::Value, address: &str) -> Result<(String, usize, String), String> {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    let input = plan(folder.path(), root);
    let checkouts = Checkouts::beside(&[input], &[]);
    let name = folder.path().join("plan.json").display().to_string();
    let checkout = checkouts.of(&name).unwrap().map_err(str::to_owned)?;
    let place = checkout.block(address).map_err(|missing| missing.to_string())?.header();
    let (file, line, _) = place.file_line_column();
    let file = Path::new(file).strip_prefix(folder.path()).unwrap().display().to_string();
    Ok((file, line, place.text().to_owned()))
}

fn found(file: &str, line: usize, text: &str) -> Result<(String, usize, String), String> {
    Ok((file.to_owned(), line, text.to_owned()))
}

#[test]
fn instances_lead_to_their_one_block() {
    let files = [("main.tf", "# für später\r\n\r\nresource \"aws_iam_role\" \"a\" {\r\n  for_each = {}\r\n}\r\n")];
    let root = json!({"resources": [{"address": "aws_iam_role.a"}]});
    for address in ["aws_iam_role.a", "aws_iam_role.a[0]", "aws_iam_role.a[\"x.y\"]"] {
        assert_eq!(header(&files, &root, address), found("main.tf", 3, "resource \"aws_iam_role\" \"a\""));
    }
}

#[test]
fn modules_are_found_at_any_depth() {
    let files = [
        ("main.tf", "module \"outer\" {\n  source = \"./modules/outer\"\n}\n"),
        ("modules/outer/main.tf", "module \"inner\" {\n  source = \"../inner\"\n}\n"),
        ("modules/inner/roles.tf", "resource aws_iam_role a {}\n"),
    ];
    let call = |source: &str, inner| json!({"source": source, "module": inner});
    let inner = json!({"resources": [{"address": "aws_iam_role.a"}]});
    let outer = json!({"module_calls": {"inner": call("../inner", inner)}});
    let root = json!({"module_calls": {"outer": call("./modules/outer", outer)}});
    let address = "module.outer[\"x\"].module.inner[0].aws_iam_role.a[1]";
    assert_eq!(header(&files, &root, address), found("modules/inner/roles.tf", 1, "resource aws_iam_role a"));
}

#[test]
fn modules_from_elsewhere_are_where_terraform_put_them() {
    let list = json!({"Modules": [
        {"Key": "", "Source": "", "Dir": "."},
        {"Key": "iam", "Source": "registry.terraform.io/x/iam/aws", "Dir": ".terraform/modules/iam/modules/role"},
        {"Key": "evil", "Source": "git::https://example.com/x", "Dir": "/etc"},
    ]});
    let list = list.to_string();
    let files = [
        ("main.tf", "module \"iam\" {}\nmodule \"evil\" {}\nmodule \"gone\" {}\n"),
        (".terraform/modules/modules.json", list.as_str()),
        (".terraform/modules/iam/modules/role/main.tf", "\nresource \"aws_iam_role\" \"this\" {}\n"),
    ];
    let call = json!({"source": "x/iam/aws", "module": {"resources": [{"address": "aws_iam_role.this"}]}});
    let root = json!({"module_calls": {"iam": call, "evil": call, "gone": call}});
    let file = ".terraform/modules/iam/modules/role/main.tf";
    let expected = found(file, 2, "resource \"aws_iam_role\" \"this\"");
    assert_eq!(header(&files, &root, "module.iam.aws_iam_role.this"), expected);
    for module in ["module.evil", "module.gone"] {
        let reason = header(&files, &root, &format!("{module}.aws_iam_role.this")).unwrap_err();
        assert!(reason.contains(&format!("the files of `{module}` are not there")), "{reason}");
    }
}

#[test]
fn files_in_json_have_blocks_too() {
    let text = r#"{"resource": [{"aws_iam_role": {"a": {"name": "a"}, "b": [{"name": "b"}]}}, {"aws_iam_user": [{"c": {}}]}]}"#;
    let root = json!({"resources": [{"address": "aws_iam_role.a"}]});
    for (address, name) in [("aws_iam_role.a", "\"a\""), ("aws_iam_role.b[0]", "\"b\""), ("aws_iam_user.c", "\"c\"")] {
        assert_eq!(header(&[("main.tf.json", text)], &root, address), found("main.tf.json", 1, name));
    }
}

#[test]
fn a_folder_of_another_project_is_not_taken() {
    let root = json!({"resources": [{"address": "aws_iam_role.a"}, {"address": "aws_iam_role.b"}, {"address": "aws_iam_role.c"}]});
    let reason = header(&[("main.tf", "resource \"aws_iam_role\" \"a\" {}\n")], &root, "aws_iam_role.a").unwrap_err();
    assert!(reason.contains("not those that it was made of"), "{reason}");
    let reason = header(&[], &root, "aws_iam_role.a").unwrap_err();
    assert!(reason.contains("`--source`"), "{reason}");
}

#[test]
fn files_that_do_not_parse_are_named() {
    let good = "resource \"aws_iam_role\" \"a\" {}\nresource \"aws_iam_role\" \"b\" {}\n";
    let root = json!({"resources": [{"address": "aws_iam_role.a"}, {"address": "aws_iam_role.b"}, {"address": "aws_iam_role.c"}]});
    let deep = format!("x = {}1{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("x = {{\n{}}}\n", "a = 1\n".repeat(50_000));
    let blocks = format!("{}{}", "a {\n".repeat(10_000), "}\n".repeat(10_000));
    let large = format!("# {}\n", "x".repeat(3 << 20));
    for broken in ["resource {{{", "a = <<EOT\nno end\n", "a = \"${\"", &deep, &wide, &blocks, &large] {
        let files = [("good.tf", good), ("bad.tf", broken)];
        assert_eq!(header(&files, &root, "aws_iam_role.a"), found("good.tf", 1, "resource \"aws_iam_role\" \"a\""));
        let reason = header(&files, &root, "aws_iam_role.c").unwrap_err();
        assert!(reason.contains("bad.tf` cannot be used: "), "{reason}");
    }
    let reason = header(&[("good.tf", good)], &root, "aws_iam_role.c").unwrap_err();
    assert!(reason.contains("has no `aws_iam_role.c`"), "{reason}");
}

#[test]
fn what_is_no_utf_8_or_no_file_is_passed_by() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("main.tf", "resource \"aws_iam_role\" \"a\" {}\n")]);
    fs::write(folder.path().join("latin.tf"), b"# f\xfcr\n").unwrap();
    fs::create_dir(folder.path().join("folder.tf")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("zero.tf")).unwrap();
    let input = plan(folder.path(), &json!({"resources": [{"address": "aws_iam_role.a"}]}));
    let name = input.source.name().to_owned();
    let checkouts = Checkouts::beside(&[input], &[]);
    assert!(checkouts.of(&name).unwrap().unwrap().block("aws_iam_role.a").is_ok());
}

#[test]
fn the_folder_that_fits_best_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let role = |name: &str| format!("resource \"aws_iam_role\" \"{name}\" {{}}\n");
    write(folder.path(), &[("a/main.tf", &role("x")), ("b/main.tf", &(role("x") + &role("y")))]);
    let input =
        plan(folder.path(), &json!({"resources": [{"address": "aws_iam_role.x"}, {"address": "aws_iam_role.y"}]}));
    let name = input.source.name().to_owned();
    let checkouts = Checkouts::beside(&[input], &[folder.path().join("a"), folder.path().join("b")]);
    assert_eq!(checkouts.of(&name).unwrap().unwrap().root(), folder.path().join("b"));
}
