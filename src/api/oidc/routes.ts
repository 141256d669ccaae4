import type { Route } from '../route.ts';
import { discovery } from './discovery.ts';
import { discoveryKeys, jwks } from './keys.ts';

/** OIDC for ID tokens (rest-resources 11). */
export const oidcRoutes: readonly Route[] = [discovery, discoveryKeys, jwks];
