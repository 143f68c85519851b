// One stack makes the groups, another one puts policies on them; the account is settled.
const { App, CfnCondition, CfnParameter, Fn, NestedStack, Stack } = require('aws-cdk-lib');
const iam = require('aws-cdk-lib/aws-iam');

const withMfa = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
const env = { account: '111122223333', region: 'eu-central-1' };

class Team extends NestedStack {
  constructor(scope, id, conditions) {
    super(scope, id);
    const group = new iam.Group(this, 'Group');
    group.addToPolicy(new iam.PolicyStatement({ actions: ['s3:*'], resources: ['*'], conditions }));
  }
}

const app = new App({
  outdir: 'cdk.out',
  context: { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true },
});
const groups = new Stack(app, 'Groups', { env });
const admins = new iam.Group(groups, 'Admins', { groupName: 'admins' });
const readers = new iam.Group(groups, 'Readers');

const access = new Stack(app, 'Access', { env });
const strict = new CfnCondition(access, 'Strict', {
  expression: Fn.conditionEquals(new CfnParameter(access, 'Stage', { default: 'prod' }), 'prod'),
});
new iam.CfnPolicy(access, 'AdminAccess', {
  policyName: 'admin-access',
  groups: [admins.groupName],
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{
      Effect: 'Allow',
      Action: '*',
      Resource: '*',
      Condition: Fn.conditionIf(strict.logicalId, withMfa, Fn.ref('AWS::NoValue')),
    }],
  },
});
new iam.CfnPolicy(access, 'ReaderAccess', {
  policyName: 'reader-access',
  groups: [readers.groupName],
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*', Condition: withMfa }],
  },
});
// The constructs within are alike, and so are their logical ids.
new Team(access, 'Guarded', withMfa);
new Team(access, 'Open', undefined);
app.synth();
