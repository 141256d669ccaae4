import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { GitClient } from '../../../test/git-client.ts';
import { ScriptedRunner } from '../../../test/scripted-runner.ts';
import { forEachServer, type TestServer } from '../../../test/start-server.ts';
import type { JobPayload } from '../../runner/protocol.ts';

const CONFIG = `
deploy:
  script: [deploy]
  environment: {name: production, action: prepare}
  variables: {AUDIENCE: vault}
  id_tokens:
    VAULT_TOKEN: {aud: 'https://$AUDIENCE.example.com'}
    CLOUD_TOKEN: {aud: [one, two]}
`;

type Claims = Record<string, unknown>;

forEachServer('ID tokens', (start) => {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-oidc-'));
  let server: TestServer;
  let payload: JobPayload;
  let sha: string;

  before(async () => {
    server = await start();
    const git = new GitClient(directory);
    await git.ok('init', '--quiet');
    sha = await git.commit({ '.gitlab-ci.yml': CONFIG });
    await git.ok('push', '--quiet', server.gitUrl('root/app'), 'HEAD:refs/heads/main');
    const made = await server.api<{ token: string }>('POST', '/user/runners', {
      body: { runner_type: 'instance_type', run_untagged: true },
    });
    assert.equal(made.status, 201);
    payload = (await new ScriptedRunner(server.url, made.body.token).take()).payload;
  });
  after(() => rmSync(directory, { recursive: true }));

  /** The claims of a token that the server's key set verifies, as a relying party would do it. */
  async function relyOn(token: string): Promise<Claims> {
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    const discovered = await fetch(`${server.url}/.well-known/openid-configuration`);
    const { issuer, jwks_uri } = (await discovered.json()) as Record<'issuer' | 'jwks_uri', string>;
    const { keys } = (await (await fetch(jwks_uri)).json()) as { keys: Record<string, string>[] };
    const [header = '', body = '', signature = ''] = token.split('.');
    const key = keys.find(({ kid }) => kid === read(header).kid);
    assert.ok(key);
    const publicKey = createPublicKey({ key, format: 'jwk' });
    const signed = Buffer.from(`${header}.${body}`);
    assert.ok(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url')));
    const claims = read(body) as Claims;
    assert.equal(claims.iss, issuer);
    return claims;
  }

  const variable = (name: string) => payload.variables.filter(({ key }) => key === name);

  it('are private and masked variables of the job, one for each entry', () => {
    for (const name of ['VAULT_TOKEN', 'CLOUD_TOKEN']) {
      const [{ value, ...rest }] = variable(name) as [JobPayload['variables'][number]];
      assert.deepEqual(rest, { key: name, public: false, masked: true });
      assert.match(value, /^[\w-]+\.[\w-]+\.[\w-]+$/);
      assert.equal(variable(name).length, 1);
    }
  });

  it('are verified by who knows only the address of the server', async () => {
    const claims = await relyOn(variable('VAULT_TOKEN')[0]!.value);
    assert.deepEqual(
      [claims.aud, claims.sub, claims.user_login, claims.user_access_level, claims.sha, claims.environment],
      [
        'https://vault.example.com',
        'project_path:root/app:ref_type:branch:ref:main',
        'root',
        'owner',
        sha,
        'production',
      ],
    );
    assert.deepEqual(
      [claims.deployment_tier, claims.environment_action, claims.job_id, claims.pipeline_source],
      ['production', 'prepare', String(payload.id), 'push'],
    );
    assert.equal((claims.exp as number) - (claims.iat as number), payload.runner_info.timeout);
  });

  it('are each one of a kind, with the audience as it was given', async () => {
    const first = await relyOn(variable('VAULT_TOKEN')[0]!.value);
    const second = await relyOn(variable('CLOUD_TOKEN')[0]!.value);
    assert.deepEqual(second.aud, ['one', 'two']);
    assert.notEqual(first.jti, second.jti);
  });

  it('have their keys under both addresses, to be kept for a day', async () => {
    const [one, two] = await Promise.all(
      ['/oauth/discovery/keys', '/-/jwks'].map((path) => fetch(`${server.url}${path}`)),
    );
    assert.equal(one?.status, 200);
    assert.equal(one?.headers.get('cache-control'), 'max-age=86400, public, must-revalidate, no-transform');
    assert.equal(one?.headers.get('content-type'), 'application/json');
    assert.equal(await one?.text(), await two?.text());
  });

  it('are described with all that a relying party needs', async () => {
    const found = (await (await fetch(`${server.url}/.well-known/openid-configuration`)).json()) as Claims;
    assert.deepEqual(
      [found.response_types_supported, found.subject_types_supported, found.claim_types_supported],
      [['code'], ['public'], ['normal']],
    );
    assert.deepEqual(found.id_token_signing_alg_values_supported, ['RS256']);
  });
});
