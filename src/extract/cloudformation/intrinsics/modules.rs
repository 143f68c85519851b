//! References to what stands in a module: `Module.Resource`, or the logical id that CloudFormation gives to that resource,
//! which is both without the point.

use super::Resolver;
use crate::extract::cloudformation::modules::is_module;
use crate::extract::cloudformation::template::Resource;
use crate::extract::cloudformation::text::{unknown, wholly_unknown};
use crate::tree::{Form, Scalar};

impl<'a> Resolver<'a> {
    /// What `Ref` gives for a resource of a module; `None` where the name leads into none.
    pub(super) fn reference_into_module(&self, name: &str) -> Option<Scalar> {
        self.lead_into_module(name, |within, rest| within.own_reference(rest))
    }

    /// What `Fn::GetAtt` gives for a resource of a module.
    pub(super) fn attribute_into_module(&self, name: &str, attribute: &str) -> Option<Scalar> {
        self.lead_into_module(name, |within, rest| within.own_attribute(rest, attribute))
    }

    /// What `Fn::GetAtt` gives where it names the module itself: the attribute begins with the resource, or is an output.
    pub(super) fn attribute_of_module(&self, module: &Resource<'_>, attribute: &str) -> Scalar {
        let found = self.within(module, |within, _| match attribute.split_once('.') {
            Some((id, attribute)) => within.own_attribute(id, attribute),
            None => within.own_output(attribute).or_else(|| within.own_reference(attribute)),
        });
        let name = || format!("GetAtt {}{}.{attribute}", self.prefix, module.logical_id);
        match found {
            Ok(Some(found)) => found,
            Ok(None) => {
                wholly_unknown(unknown(name(), "is neither a resource nor an output of the module", Form::Anything))
            }
            Err(_) => wholly_unknown(unknown(name(), NOT_FOLLOWED, Form::Anything)),
        }
    }

    /// An output of this template: CloudFormation makes those of a module outputs of the template that uses it.
    pub(super) fn own_output(&self, name: &str) -> Option<Scalar> {
        match self.template.output(name) {
            Some(output) => Some(self.text(output)),
            None => self.lead_into_module(name, |within, rest| within.own_output(rest)),
        }
    }

    fn own_reference(&self, name: &str) -> Option<Scalar> {
        let is_own = self.template.resource(name).is_some() || self.is_generated_role(name);
        if is_own { Some(self.resource_reference(name)) } else { self.reference_into_module(name) }
    }

    fn own_attribute(&self, name: &str, attribute: &str) -> Option<Scalar> {
        let is_own = self.template.resource(name).is_some() || self.is_generated_role(name);
        if is_own { Some(self.attribute_of(name, attribute)) } else { self.attribute_into_module(name, attribute) }
    }

    /// What a name stands for that begins with that of a module, by the rest of it. Nothing is said against a name that may be
    /// that of a resource in a module which is not followed.
    fn lead_into_module(&self, name: &str, find: impl Fn(&Resolver<'_>, &str) -> Option<Scalar>) -> Option<Scalar> {
        let mut is_open = false;
        for (module, rest) in self.modules_of(name) {
            match self.within(&module, |within, _| find(within, rest)) {
                Ok(Some(found)) => {
                    self.existing(module.logical_id);
                    return Some(found);
                }
                Ok(None) => {}
                Err(_) => is_open = true,
            }
        }
        is_open.then(|| wholly_unknown(unknown(format!("Ref {}{name}", self.prefix), NOT_FOLLOWED, Form::Anything)))
    }

    /// The modules that a name may begin with, each with what is left of the name.
    fn modules_of<'n>(&self, name: &'n str) -> impl Iterator<Item = (Resource<'a>, &'n str)> {
        let ends = if self.template.has_modules { 1..name.len().min(LONGEST_ID) } else { 0..0 };
        ends.filter_map(move |end| {
            let (module, rest) = name.split_at_checked(end)?;
            let module = self.template.resource(module)?;
            let rest = rest.strip_prefix('.').unwrap_or(rest);
            module.type_name().is_some_and(is_module).then_some((module, rest))
        })
    }
}

const NOT_FOLLOWED: &str = "is in a module that is not followed";

/// The longest logical id that CloudFormation takes.
const LONGEST_ID: usize = 255;
