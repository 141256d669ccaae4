import type { BuildDefinition } from '../../pipeline/job-definition.ts';
import type { JobVariable } from '../protocol.ts';

/** A secret of the configuration, `file` and `token` beside its vault. */
type Secret = Readonly<Record<string, unknown>>;
/** The value of a variable of the job; null for one that is not there. */
type Value = (key: string) => string | null;

/** A kind of vault. */
interface Vault {
  /** Variables without which nobody knows where it is. */
  needs: readonly string[];
  /** What stands for a text in the place of the mapping. */
  parse?(text: string): Record<string, unknown>;
  /** How the runner reaches it and who it says it is; `jwt` is the job's first ID token. */
  server(value: Value, secret: Secret, jwt: string): Record<string, unknown>;
}

const VAULTS: Readonly<Record<string, Vault>> = {
  vault: {
    needs: ['VAULT_SERVER_URL'],
    parse: vaultPath,
    server: (value, { token }, jwt) => ({
      url: value('VAULT_SERVER_URL'),
      namespace: value('VAULT_NAMESPACE'),
      auth: {
        name: 'jwt',
        path: value('VAULT_AUTH_PATH') ?? 'jwt',
        data: { jwt: token ?? jwt, ...named('role', value('VAULT_AUTH_ROLE')) },
      },
    }),
  },
  azure_key_vault: {
    needs: ['AZURE_KEY_VAULT_SERVER_URL', 'AZURE_CLIENT_ID', 'AZURE_TENANT_ID'],
    server: (value, { token }, jwt) => ({
      url: value('AZURE_KEY_VAULT_SERVER_URL'),
      client_id: value('AZURE_CLIENT_ID'),
      tenant_id: value('AZURE_TENANT_ID'),
      jwt: token ?? jwt,
    }),
  },
  gcp_secret_manager: {
    needs: [
      'GCP_PROJECT_NUMBER',
      'GCP_WORKLOAD_IDENTITY_FEDERATION_POOL_ID',
      'GCP_WORKLOAD_IDENTITY_FEDERATION_PROVIDER_ID',
    ],
    server: (value, { token = null }) => ({
      project_number: value('GCP_PROJECT_NUMBER'),
      workload_identity_federation_pool_id: value('GCP_WORKLOAD_IDENTITY_FEDERATION_POOL_ID'),
      workload_identity_federation_provider_id: value('GCP_WORKLOAD_IDENTITY_FEDERATION_PROVIDER_ID'),
      jwt: token,
    }),
  },
  aws_secrets_manager: {
    needs: ['AWS_REGION'],
    parse: (text) => {
      const [id, field = null] = text.split('#');
      return { secret_id: id, ...named('field', field) };
    },
    server: (value, { token = '$AWS_ID_TOKEN' }) => ({
      region: value('AWS_REGION'),
      jwt: token,
      role_arn: value('AWS_ROLE_ARN'),
      role_session_name: value('AWS_ROLE_SESSION_NAME'),
    }),
  },
};

/**
 * `secrets` as the runner takes them: where each is and how its vault is asked, which variables of the job tell
 * (runner-api 3). Null when they do not tell of every vault, or one is of a kind that no runner can ask. Pure.
 */
export function secretsOf(
  { secrets, idTokens }: Pick<BuildDefinition, 'secrets' | 'idTokens'>,
  variables: readonly JobVariable[],
): Record<string, unknown> | null {
  const values = new Map(variables.map(({ key, value }) => [key, value]));
  const value = (key: string) => values.get(key) ?? null;
  const [first] = Object.keys(idTokens);
  const jwt = first === undefined ? '' : `$${first}`;
  const asked: Record<string, unknown> = {};
  for (const [name, secret] of Object.entries((secrets ?? {}) as Record<string, Secret>)) {
    const [kind = ''] = Object.keys(secret).filter((key) => key !== 'file' && key !== 'token');
    const vault = VAULTS[kind];
    if (vault === undefined || vault.needs.some((key) => !value(key)?.trim())) return null;
    const written = secret[kind];
    const place = typeof written === 'string' ? (vault.parse?.(written) ?? { name: written }) : written;
    const version = kind === 'gcp_secret_manager' ? { version: 'latest' } : {};
    const server = vault.server(value, secret, jwt);
    asked[name] = { ...secret, [kind]: { ...version, ...(texts(place) as object), server } };
  }
  return asked;
}

/** `path/to/secret/field@engine`. */
function vaultPath(text: string): Record<string, unknown> {
  const [, place = '', engine = 'kv-v2'] = /^(.+?)(?:@([^@]*))?$/.exec(text) ?? [];
  const slash = place.lastIndexOf('/');
  return {
    engine: { name: 'kv-v2', path: engine },
    path: place.slice(0, Math.max(slash, 0)),
    field: place.slice(slash + 1),
  };
}

/** Runners take texts only, where YAML may have made a number of a version. */
function texts(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, texts(item)]));
}

function named(key: string, value: string | null): Record<string, string> {
  return value === null ? {} : { [key]: value };
}
