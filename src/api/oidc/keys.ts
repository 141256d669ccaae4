import { json, type Route, route } from '../route.ts';

const CACHING = 'max-age=86400, public, must-revalidate, no-transform';

/** GET /oauth/discovery/keys and /-/jwks (rest-resources 11): the keys that verify jobs' ID tokens. */
function keySet(path: string): Route {
  return route({
    method: 'GET',
    path,
    access: { by: 'anyone' },
    input: {},
    async handle({ rooms }) {
      return json({ keys: await rooms.idTokenKeys.publicKeys() }, 200, { 'cache-control': CACHING });
    },
  });
}

export const discoveryKeys = keySet('/oauth/discovery/keys');
export const jwks = keySet('/-/jwks');
