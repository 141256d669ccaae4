import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Project } from '../../project/project.ts';
import { type IdTokenFacts, idTokenClaims } from './claims.ts';

const FACTS: IdTokenFacts = {
  issuer: 'https://ci.example.com',
  now: 1_700_000_000_999,
  project: {
    id: 7,
    namespaceId: 3,
    path: 'app',
    fullPath: 'group/sub/app',
    visibility: 'private',
    ciConfigPath: null,
    settings: {},
  } as unknown as Project,
  user: { id: 5, username: 'ada', email: 'ada@example.com' },
  userLevel: 40,
  job: { id: 11, pipelineId: 9, protected: true, timeoutSeconds: 3600 },
  pipeline: { source: 'push', ref: 'main', tag: false, sha: 'c0ffee' },
  environment: null,
  runner: { id: 2 },
};

function claims(facts: Partial<IdTokenFacts> = {}): Record<string, unknown> {
  return idTokenClaims({ ...FACTS, ...facts }, 'https://vault.example.com', 'one-of-a-kind');
}

test('a token tells where its job comes from', () => {
  assert.deepEqual(claims(), {
    project_id: '7',
    project_path: 'group/sub/app',
    namespace_id: '3',
    namespace_path: 'group/sub',
    user_id: '5',
    user_login: 'ada',
    user_email: 'ada@example.com',
    user_access_level: 'maintainer',
    job_project_id: '7',
    job_project_path: 'group/sub/app',
    job_namespace_id: '3',
    job_namespace_path: 'group/sub',
    pipeline_id: '9',
    pipeline_source: 'push',
    job_id: '11',
    ref: 'main',
    ref_type: 'branch',
    ref_path: 'refs/heads/main',
    ref_protected: 'true',
    runner_id: 2,
    runner_environment: 'self-hosted',
    sha: 'c0ffee',
    project_visibility: 'private',
    ci_config_ref_uri: 'ci.example.com/group/sub/app//.gitlab-ci.yml@refs/heads/main',
    ci_config_sha: 'c0ffee',
    jti: 'one-of-a-kind',
    iat: 1_700_000_000,
    nbf: 1_699_999_995,
    exp: 1_700_003_600,
    iss: 'https://ci.example.com',
    sub: 'project_path:group/sub/app:ref_type:branch:ref:main',
    aud: 'https://vault.example.com',
  });
});

test('a tag says so', () => {
  const { ref_type, ref_path, sub } = claims({ pipeline: { ...FACTS.pipeline, ref: 'v1', tag: true } });
  assert.deepEqual(
    [ref_type, ref_path, sub],
    ['tag', 'refs/tags/v1', 'project_path:group/sub/app:ref_type:tag:ref:v1'],
  );
});

test('an environment adds four claims', () => {
  const environment = { name: 'review/x', tier: 'development', action: 'start' };
  const told = claims({ environment });
  assert.deepEqual(
    [told.environment, told.environment_protected, told.deployment_tier, told.environment_action],
    ['review/x', 'false', 'development', 'start'],
  );
});

test('a job without a timeout has a token for five minutes', () => {
  assert.equal(claims({ job: { ...FACTS.job, timeoutSeconds: null } }).exp, 1_700_000_300);
});

test('a user who is gone is empty text, and has no role', () => {
  const told = claims({ user: null, userLevel: 0 });
  assert.deepEqual(
    [told.user_id, told.user_login, told.user_email, told.user_access_level],
    ['', '', '', null],
  );
});

const LEVELS: [number, string | null][] = [
  [60, 'owner'],
  [50, 'owner'],
  [40, 'maintainer'],
  [30, 'developer'],
  [20, 'reporter'],
  [15, 'planner'],
  [10, 'guest'],
  [5, null],
  [0, null],
];
for (const [userLevel, role] of LEVELS) {
  test(`level ${userLevel} is ${role}`, () => {
    assert.equal(claims({ userLevel }).user_access_level, role);
  });
}

for (const ciConfigPath of ['https://example.com/ci.yml', 'ci.yml@other/project']) {
  test(`a configuration elsewhere (${ciConfigPath}) is not told of`, () => {
    const told = claims({ project: { ...FACTS.project, ciConfigPath } });
    assert.equal('ci_config_ref_uri' in told || 'ci_config_sha' in told, false);
  });
}

test('the subject is made of the claims that the project chose', () => {
  const settings = { ci_id_token_sub_claim_components: ['project_path', 'environment', 'user_login'] };
  const project = { ...FACTS.project, settings };
  assert.equal(claims({ project }).sub, 'project_path:group/sub/app:user_login:ada');
});
