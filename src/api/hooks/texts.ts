import { changeHook } from '../../pipeline/hook.ts';
import { refuse } from '../errors.ts';
import { noContent, type Route, route } from '../route.ts';
import { HOOK_INPUT, hookAnswer, hookDeps, requireHook } from './find-hook.ts';

const KINDS = { custom_headers: 'customHeaders', url_variables: 'urlVariables' } as const;

/** PUT and DELETE of one custom header or URL variable (rest-resources 10.1): 204 both. */
function textRoutes(kind: keyof typeof KINDS): Route[] {
  const path = `/api/v4/projects/:id/hooks/:hook_id/${kind}/:key`;
  const name = KINDS[kind];
  const input = { ...HOOK_INPUT, key: { type: 'string', required: true } } as const;
  return [
    route({
      method: 'PUT',
      path,
      access: { by: 'user' },
      input: { ...input, value: { type: 'string', required: true } },
      async handle(call) {
        const { params, rooms, now } = call;
        const { hook } = await requireHook(call, params);
        const deps = await hookDeps(rooms);
        const texts = { ...hook[name], [params.key]: params.value };
        const result = await rooms.db.transaction((tx) => changeHook(tx, deps, hook, { [name]: texts }, now));
        hookAnswer(result, now, 204);
        return noContent;
      },
    }),
    route({
      method: 'DELETE',
      path,
      access: { by: 'user' },
      input,
      async handle(call) {
        const { params, rooms, now } = call;
        const { hook } = await requireHook(call, params);
        if (!Object.hasOwn(hook[name], params.key)) throw refuse.recordNotFound();
        const { [params.key]: _, ...texts } = hook[name];
        const deps = await hookDeps(rooms);
        const result = await rooms.db.transaction((tx) => changeHook(tx, deps, hook, { [name]: texts }, now));
        hookAnswer(result, now, 204);
        return noContent;
      },
    }),
  ];
}

export const hookTextRoutes: readonly Route[] = [
  ...textRoutes('custom_headers'),
  ...textRoutes('url_variables'),
];
