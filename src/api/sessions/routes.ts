import type { Route } from '../route.ts';
import { endSessionRoute, listSessionsRoute } from './own.ts';
import { passwordRoute } from './password.ts';
import { signInRoute } from './sign-in.ts';
import { signOutRoutes } from './sign-out.ts';

export const sessionRoutes: readonly Route[] = [
  signInRoute,
  ...signOutRoutes,
  listSessionsRoute,
  endSessionRoute,
  passwordRoute,
];
