import type { Reading } from '../../db/transaction.ts';
import { likeEscaped, likeText } from './like.ts';
import type { UserRow } from './users.ts';

/** Filters of a list of users (rest-resources 2.1); times in milliseconds. */
export interface UserFilter {
  username?: string | undefined;
  search?: string | undefined;
  /** Also search in the private e-mail address: administrators only. */
  searchEmails?: boolean | undefined;
  active?: boolean | undefined;
  blocked?: boolean | undefined;
  external?: boolean | undefined;
  admins?: boolean | undefined;
  humans?: boolean | undefined;
  /** Only bots. */
  bots?: boolean | undefined;
  inactive?: boolean | undefined;
  /** Exact, whatever its case. */
  publicEmail?: string | undefined;
  withoutProjects?: boolean | undefined;
  /** Nobody: a filter by what users do not have here. */
  none?: boolean | undefined;
  createdAfter?: number | undefined;
  createdBefore?: number | undefined;
  orderBy: 'id' | 'name' | 'username' | 'created_at' | 'updated_at';
  sort: 'asc' | 'desc';
}

/** One page of users, and their number. */
export async function userPage(
  reading: Reading,
  filter: UserFilter,
  page: { offset: number; perPage: number },
): Promise<{ rows: UserRow[]; total: number }> {
  const query = filtered(reading, filter);
  const { count } = await query
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  let ordered = query.selectAll().orderBy(filter.orderBy, filter.sort);
  if (filter.orderBy !== 'id') ordered = ordered.orderBy('id', filter.sort);
  const rows = await ordered.limit(page.perPage).offset(page.offset).execute();
  return { rows, total: Number(count) };
}

function filtered(reading: Reading, filter: UserFilter) {
  let query = reading.sql.selectFrom('users').where('state', '<>', 'removed');
  if (filter.username !== undefined) {
    const key = filter.username.toLowerCase();
    query = query.where((eb) => eb(eb.fn<string>('lower', ['username']), '=', key));
  }
  if (filter.search !== undefined) {
    const pattern = `%${likeText(filter.search.toLowerCase())}%`;
    const columns = ['name', 'username', 'public_email', ...(filter.searchEmails ? ['email'] : [])] as const;
    query = query.where((eb) =>
      eb.or(
        columns.map((column) => likeEscaped(eb.fn<string>('lower', [eb.ref(column as 'name')]), pattern)),
      ),
    );
  }
  if (filter.active) query = query.where('state', '=', 'active');
  if (filter.blocked) query = query.where('state', '=', 'blocked');
  if (filter.external !== undefined) query = query.where('external', '=', filter.external ? 1 : 0);
  if (filter.admins) query = query.where('admin', '=', 1);
  if (filter.bots) query = query.where('bot', '=', 1);
  if (filter.inactive) query = query.where('state', '<>', 'active');
  if (filter.none) query = query.where('id', 'is', null);
  if (filter.publicEmail !== undefined) {
    const key = filter.publicEmail.toLowerCase();
    query = query.where((eb) => eb(eb.fn<string>('lower', ['public_email']), '=', key));
  }
  if (filter.withoutProjects) {
    query = query.where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('members')
            .select('members.id')
            .where('source_type', '=', 'project')
            .whereRef('members.user_id', '=', 'users.id'),
        ),
      ),
    );
  }
  if (filter.humans) query = query.where('bot', '=', 0);
  if (filter.createdAfter !== undefined) query = query.where('created_at', '>', filter.createdAfter);
  if (filter.createdBefore !== undefined) query = query.where('created_at', '<', filter.createdBefore);
  return query;
}
