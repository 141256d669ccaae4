import { json, route } from '../route.ts';

/** The GitLab whose behaviour Teaspoon has (design 1); clients switch features on it. */
export const GITLAB_VERSION = '18.8.0';
export const REVISION = 'teaspoon';

/** GET /version (rest-resources 12.3). */
export const versionRoute = route({
  method: 'GET',
  path: '/api/v4/version',
  access: { by: 'user', scopes: ['read_user'] },
  input: {},
  handle: async () => json({ version: GITLAB_VERSION, revision: REVISION }),
});

/** GET /metadata. */
export const metadataRoute = route({
  method: 'GET',
  path: '/api/v4/metadata',
  access: { by: 'user', scopes: ['read_user'] },
  input: {},
  handle: async () =>
    json({
      version: GITLAB_VERSION,
      revision: REVISION,
      kas: { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null },
      enterprise: false,
    }),
});

/** Clients report their use; nobody listens, and they are content (surrounding-api 2). */
export const trackEventRoute = route({
  method: 'POST',
  path: '/api/v4/usage_data/track_event',
  access: { by: 'user' },
  input: {},
  handle: async () => json({ status: 'ok' }),
});
