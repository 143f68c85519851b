//! The actions of IAM and STS.
//!
//! Those of the two services that act on identities are listed, so that a hole is shown by an action that exists where one does;
//! actions of all other services need no list. The list may be older than AWS: what a `*` covers is never left out for it.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::iam::budget::Budget;
use crate::iam::pattern::{Atom, Pattern, TooMany};

/// The names of actions that stand for the classes of one service, in lower case, as actions that exist: a made-up name gives
/// way to an action of its class. One that only fills a `?` of a spelled-out action with another letter is none; all others
/// may be new, and come last.
///
/// # Errors
///
/// Where there are too many to look at.
pub fn existing(
    service: &str,
    names: Vec<String>,
    patterns: &[&Pattern],
    budget: &Budget,
) -> Result<Vec<String>, TooMany> {
    let Some((_, listed)) = LISTED.iter().find(|(known, _)| *known == service) else { return Ok(names) };
    let (mut found, made_up): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| listed.binary_search(name).is_ok());
    if made_up.is_empty() || patterns.iter().any(|pattern| pattern.has_unknown()) {
        found.extend(made_up);
        return Ok(found);
    }
    budget.spend(patterns.len().saturating_mul(listed.len() + made_up.len()))?;
    let class = |name: &str| -> Vec<bool> { patterns.iter().map(|pattern| pattern.is_matched_by(name)).collect() };
    let actions: HashMap<Vec<bool>, &String> = listed.iter().rev().map(|action| (class(action), action)).collect();
    let spelled_out =
        |pattern: &Pattern| is_spelled_out(pattern) && listed.iter().any(|name| pattern.is_matched_by(name));
    let spelled_out: Vec<bool> = patterns.iter().map(|pattern| spelled_out(pattern)).collect();
    let mut new = Vec::new();
    for name in made_up {
        let class = class(&name);
        if let Some(action) = actions.get(&class) {
            found.push((*action).clone());
        } else if !class.iter().zip(&spelled_out).any(|(matches, spelled_out)| *matches && *spelled_out) {
            new.push(name);
        }
    }
    found.extend(new);
    Ok(found)
}

/// Whether a pattern says the length of a name, and all of it but some letters.
fn is_spelled_out(pattern: &Pattern) -> bool {
    pattern.atoms().contains(&Atom::AnyOne) && !pattern.atoms().contains(&Atom::AnyRun)
}

/// The action as AWS spells it, by its name in lower case.
#[must_use]
pub fn spelled(action: &str) -> Option<String> {
    let (service, name) = action.split_once(':')?;
    let (_, names) = NAMES.iter().find(|(known, _)| *known == service)?;
    let known = names.split(' ').find(|known| known.eq_ignore_ascii_case(name))?;
    Some(format!("{service}:{known}"))
}

/// The actions of each service, in lower case and in order.
static LISTED: LazyLock<Vec<(&str, Vec<String>)>> = LazyLock::new(|| {
    let actions = |service: &str, names: &str| -> Vec<String> {
        let mut actions: Vec<String> =
            names.split(' ').map(|name| format!("{service}:{}", name.to_ascii_lowercase())).collect();
        actions.sort_unstable();
        actions
    };
    NAMES.iter().map(|(service, names)| (*service, actions(service, names))).collect()
});

const NAMES: [(&str, &str); 2] = [("iam", IAM), ("sts", STS)];

/// Operations of the API, and what only policies name.
const IAM: &str = "\
    AcceptDelegationRequest AcquireRole AddClientIDToOpenIDConnectProvider AddRoleToInstanceProfile AddUserToGroup \
    AssociateDelegationRequest AttachGroupPolicy AttachRolePolicy AttachUserPolicy ChangePassword CreateAccessKey \
    CreateAccountAlias CreateDelegationRequest CreateGroup CreateInstanceProfile CreateLoginProfile \
    CreateOpenIDConnectProvider CreatePolicy CreatePolicyVersion CreateRole CreateSAMLProvider \
    CreateServiceLinkedRole CreateServiceSpecificCredential CreateUser CreateVirtualMFADevice DeactivateMFADevice \
    DeleteAccessKey DeleteAccountAlias DeleteAccountPasswordPolicy DeleteCloudFrontPublicKey DeleteGroup \
    DeleteGroupPolicy DeleteInstanceProfile DeleteLoginProfile DeleteOpenIDConnectProvider DeletePolicy \
    DeletePolicyVersion DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy DeleteSAMLProvider \
    DeleteSSHPublicKey DeleteServerCertificate DeleteServiceLinkedRole DeleteServiceSpecificCredential \
    DeleteSigningCertificate DeleteUser DeleteUserPermissionsBoundary DeleteUserPolicy DeleteVirtualMFADevice \
    DetachGroupPolicy DetachRolePolicy DetachUserPolicy DisableOrganizationsRootCredentialsManagement \
    DisableOrganizationsRootSessions DisableOutboundWebIdentityFederation EnableMFADevice \
    EnableOrganizationsRootCredentialsManagement EnableOrganizationsRootSessions EnableOutboundWebIdentityFederation \
    GenerateCredentialReport GenerateOrganizationsAccessReport GenerateServiceLastAccessedDetails \
    GetAccessKeyLastUsed GetAccountAuthorizationDetails GetAccountEmailAddress GetAccountName \
    GetAccountPasswordPolicy GetAccountProperties GetAccountSummary GetCloudFrontPublicKey \
    GetContextKeysForCustomPolicy GetContextKeysForPrincipalPolicy GetCredentialReport GetDelegationRequest GetGroup \
    GetGroupPolicy GetHumanReadableSummary GetInstanceProfile GetLoginProfile GetMFADevice GetOpenIDConnectProvider \
    GetOrganizationsAccessReport GetOutboundWebIdentityFederationInfo GetPolicy GetPolicyVersion GetRole \
    GetRolePolicy GetRoleTemplateVersion GetSAMLProvider GetSSHPublicKey GetServerCertificate \
    GetServiceLastAccessedDetails GetServiceLastAccessedDetailsWithEntities GetServiceLinkedRoleDeletionStatus \
    GetUser GetUserPolicy ListAccessKeys ListAccountAliases ListAttachedGroupPolicies ListAttachedRolePolicies \
    ListAttachedUserPolicies ListCloudFrontPublicKeys ListDelegationRequests ListEntitiesForPolicy ListGroupPolicies \
    ListGroups ListGroupsForUser ListInstanceProfileTags ListInstanceProfiles ListInstanceProfilesForRole \
    ListMFADeviceTags ListMFADevices ListOpenIDConnectProviderTags ListOpenIDConnectProviders \
    ListOrganizationsFeatures ListPolicies ListPoliciesGrantingServiceAccess ListPolicyTags ListPolicyVersions \
    ListRolePolicies ListRoleTags ListRoles ListSAMLProviderTags ListSAMLProviders ListSSHPublicKeys \
    ListSTSRegionalEndpointsStatus ListServerCertificateTags ListServerCertificates ListServiceSpecificCredentials \
    ListSigningCertificates ListUserPolicies ListUserTags ListUsers ListVirtualMFADevices PassRole \
    PutAccountProperties PutGroupPolicy PutRolePermissionsBoundary PutRolePolicy PutUserPermissionsBoundary \
    PutUserPolicy RejectDelegationRequest RemoveClientIDFromOpenIDConnectProvider RemoveRoleFromInstanceProfile \
    RemoveUserFromGroup ResetServiceSpecificCredential ResyncMFADevice SendDelegationToken SetDefaultPolicyVersion \
    SetSTSRegionalEndpointStatus SetSecurityTokenServicePreferences SimulateCustomPolicy SimulatePrincipalPolicy \
    TagInstanceProfile TagMFADevice TagOpenIDConnectProvider TagPolicy TagRole TagSAMLProvider TagServerCertificate \
    TagUser UntagInstanceProfile UntagMFADevice UntagOpenIDConnectProvider UntagPolicy UntagRole UntagSAMLProvider \
    UntagServerCertificate UntagUser UpdateAccessKey UpdateAccountEmailAddress UpdateAccountName \
    UpdateAccountPasswordPolicy UpdateAssumeRolePolicy UpdateCloudFrontPublicKey UpdateDelegationRequest UpdateGroup \
    UpdateLoginProfile UpdateOpenIDConnectProviderThumbprint UpdateRole UpdateRoleDescription UpdateSAMLProvider \
    UpdateSSHPublicKey UpdateServerCertificate UpdateServiceSpecificCredential UpdateSigningCertificate UpdateUser \
    UploadCloudFrontPublicKey UploadSSHPublicKey UploadServerCertificate UploadSigningCertificate";

/// The same of STS.
const STS: &str = "\
    AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot DecodeAuthorizationMessage GetAccessKeyInfo \
    GetCallerIdentity GetDelegatedAccessToken GetFederationToken GetServiceBearerToken GetSessionToken \
    GetWebIdentityToken SetContext SetSourceIdentity TagGetWebIdentityToken TagSession";

#[cfg(test)]
mod tests {
    use super::{existing, spelled};
    use crate::iam::budget::Budget;
    use crate::iam::pattern::Pattern;

    fn settled(names: &[&str], globs: &[&str]) -> Vec<String> {
        let patterns: Vec<Pattern> = globs.iter().map(|glob| Pattern::glob(glob)).collect();
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        existing("iam", names, &patterns.iter().collect::<Vec<_>>(), &Budget::default()).unwrap()
    }

    #[test]
    fn made_up_names_become_actions_of_their_class() {
        let patterns = ["*", "iam:*mfadevice*", "iam:list*"];
        assert_eq!(
            settled(&["iam:mfadevicex", "iam:x"], &patterns),
            ["iam:createvirtualmfadevice", "iam:acceptdelegationrequest"]
        );
    }

    #[test]
    fn the_letters_of_a_name_that_is_spelled_out_make_no_other_action() {
        assert!(settled(&["iam:xetuser"], &["*", "iam:?etuser", "iam:getuser"]).is_empty());
        assert_eq!(settled(&["iam:xrobnicate"], &["*", "iam:?robnicate"]), ["iam:xrobnicate"]);
    }

    #[test]
    fn what_the_list_does_not_know_may_be_new() {
        for (name, pattern) in [
            ("iam:frobx", "iam:frob*"),
            ("iam:frob", "iam:frob"),
            ("iam:resyncx", "iam:resync*"),
            ("iam:getxdevice", "iam:get*device"),
        ] {
            let globs = ["*", pattern, "iam:resyncmfadevice", "iam:getmfadevice"];
            assert_eq!(settled(&[name, "iam:getuser"], &globs), ["iam:getuser", name]);
        }
    }

    #[test]
    fn actions_are_spelled_as_aws_does() {
        assert_eq!(spelled("iam:tagmfadevice").as_deref(), Some("iam:TagMFADevice"));
        assert_eq!(spelled("s3:getobject"), None);
    }
}
