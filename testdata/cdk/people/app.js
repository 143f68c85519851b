// People and their roles: a group behind MFA, a nested stack with a role that anybody in the account may assume, and a
// stage with a stack of its own.
const { App, NestedStack, Stack, Stage } = require('aws-cdk-lib');
const iam = require('aws-cdk-lib/aws-iam');
const lambda = require('aws-cdk-lib/aws-lambda');
const path = require('path');

const people = new iam.AccountPrincipal('111122223333');
const withMfa = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };

class Roles extends NestedStack {
  constructor(scope, id, props) {
    super(scope, id, props);
    new iam.Role(this, 'Operator', { assumedBy: people.withConditions(withMfa) });
    new iam.Role(this, 'Auditor', { assumedBy: people });
    new iam.ManagedPolicy(this, 'Reports', {
      groups: [props.group],
      statements: [new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'], conditions: withMfa })],
    });
  }
}

class People extends Stack {
  constructor(scope, id) {
    super(scope, id);
    const team = new iam.Group(this, 'Team');
    team.addToPolicy(new iam.PolicyStatement({ actions: ['ec2:*'], resources: ['*'], conditions: withMfa }));
    new Roles(this, 'Roles', { group: team });
    new lambda.Function(this, 'Hello', {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(path.join(__dirname, 'functions/hello')),
    });
  }
}

class Access extends Stack {
  constructor(scope, id) {
    super(scope, id);
    new iam.Role(this, 'Deploy', { assumedBy: people.withConditions(withMfa) });
    new Roles(this, 'Roles', { group: new iam.Group(this, 'Team') });
  }
}

const app = new App({ outdir: 'cdk.out' });
new People(app, 'People');
new Access(new Stage(app, 'Production'), 'Access');
app.synth();
