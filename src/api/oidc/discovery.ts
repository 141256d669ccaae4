import { json, route } from '../route.ts';

const CLAIMS = [
  'sub',
  'aud',
  'iss',
  'iat',
  'nbf',
  'exp',
  'jti',
  'project_id',
  'project_path',
  'namespace_id',
  'namespace_path',
  'user_id',
  'user_login',
  'user_email',
  'user_access_level',
  'job_project_id',
  'job_project_path',
  'job_namespace_id',
  'job_namespace_path',
  'pipeline_id',
  'pipeline_source',
  'job_id',
  'ref',
  'ref_type',
  'ref_path',
  'ref_protected',
  'environment',
  'environment_protected',
  'deployment_tier',
  'environment_action',
  'runner_id',
  'runner_environment',
  'sha',
  'project_visibility',
  'ci_config_ref_uri',
  'ci_config_sha',
];

/**
 * GET /.well-known/openid-configuration (rest-resources 11): what a relying party needs to check a job's ID tokens. The
 * endpoints of interactive sign-in are named because the format demands them; there is nobody to sign in.
 */
export const discovery = route({
  method: 'GET',
  path: '/.well-known/openid-configuration',
  access: { by: 'anyone' },
  input: {},
  async handle({ baseUrl }) {
    return json({
      issuer: baseUrl,
      authorization_endpoint: `${baseUrl}/oauth/authorize`,
      token_endpoint: `${baseUrl}/oauth/token`,
      revocation_endpoint: `${baseUrl}/oauth/revoke`,
      introspection_endpoint: `${baseUrl}/oauth/introspect`,
      userinfo_endpoint: `${baseUrl}/oauth/userinfo`,
      jwks_uri: `${baseUrl}/oauth/discovery/keys`,
      scopes_supported: ['openid'],
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      grant_types_supported: ['authorization_code'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      claim_types_supported: ['normal'],
      claims_supported: CLAIMS,
      code_challenge_methods_supported: ['plain', 'S256'],
    });
  },
});
