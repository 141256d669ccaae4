import type { Route } from '../route.ts';
import { listHookEvents, resendHookEvent, testHook } from './deliveries.ts';
import { deleteHook, editHook, listHooks, makeHook, showHook } from './manage.ts';
import { hookTextRoutes } from './texts.ts';

/** Webhooks (rest-resources 10). */
export const hookRoutes: readonly Route[] = [
  listHooks,
  showHook,
  makeHook,
  editHook,
  deleteHook,
  testHook,
  listHookEvents,
  resendHookEvent,
  ...hookTextRoutes,
];
