import type { MemberSource } from '../../project/member.ts';
import { refuse } from '../errors.ts';
import { PAGE_INPUT } from '../pagination.ts';
import { isCalled, slicePage } from '../projects/people.ts';
import { json, type Route, route } from '../route.ts';
import { findPlace, memberViews } from './source.ts';

const ID = { type: 'string', required: true } as const;

/** GET …/members and …/members/all. */
export function listRoute(type: MemberSource['type'], which: 'direct' | 'all'): Route {
  return route({
    method: 'GET',
    path: `/api/v4/${type}s/:id/members${which === 'all' ? '/all' : ''}`,
    access: { by: 'user' },
    input: {
      ...PAGE_INPUT,
      id: ID,
      query: { type: 'string' },
      user_ids: { type: 'comma-list' },
      skip_users: { type: 'comma-list' },
    },
    async handle(call) {
      const { params } = call;
      const place = await findPlace(call, type, params.id);
      const views = await memberViews(call, await place[which]());
      const wanted = views.filter(({ user }) => {
        const id = String(user.id);
        const listed = params.user_ids === undefined || params.user_ids.includes(id);
        const known = isCalled(user, params.query) || user.email === params.query;
        return listed && known && !params.skip_users?.includes(id);
      });
      return slicePage(
        call,
        wanted.map(({ entity }) => entity),
      );
    },
  });
}

/** GET …/members/:user_id and …/members/all/:user_id. */
export function showRoute(type: MemberSource['type'], which: 'direct' | 'all'): Route {
  return route({
    method: 'GET',
    path: `/api/v4/${type}s/:id/members${which === 'all' ? '/all' : ''}/:user_id`,
    access: { by: 'user' },
    input: { id: ID, user_id: { type: 'integer', required: true } },
    async handle(call) {
      const place = await findPlace(call, type, call.params.id);
      const members = await place[which]();
      const member = members.find(({ userId }) => userId === call.params.user_id);
      const [view] = member === undefined ? [] : await memberViews(call, [member]);
      if (view === undefined) throw refuse.recordNotFound();
      return json(view.entity);
    },
  });
}
