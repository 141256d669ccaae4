import { COUNT_LIMIT, countRows } from '../../db/count-rows.ts';
import type { Reading } from '../../db/transaction.ts';
import { likeEscaped, likeText } from './like.ts';
import type { TokenRow } from './tokens.ts';

/** Filters of a list of tokens (rest-resources 2.4); times in milliseconds, dates YYYY-MM-DD. */
export interface TokenFilter {
  kinds: readonly string[];
  userId?: number | undefined;
  resourceId?: number | undefined;
  revoked?: boolean | undefined;
  active?: boolean | undefined;
  search?: string | undefined;
  createdAfter?: number | undefined;
  createdBefore?: number | undefined;
  lastUsedAfter?: number | undefined;
  lastUsedBefore?: number | undefined;
  expiresAfter?: string | undefined;
  expiresBefore?: string | undefined;
  sort?: TokenSort | undefined;
  /** Today, YYYY-MM-DD. */
  today: string;
}

export const TOKEN_SORTS = [
  'created_asc',
  'created_desc',
  'expires_asc',
  'expires_desc',
  'last_used_asc',
  'last_used_desc',
  'name_asc',
  'name_desc',
] as const;
export type TokenSort = (typeof TOKEN_SORTS)[number];

const SORT_COLUMNS = {
  created: 'created_at',
  expires: 'expires_at',
  last_used: 'last_used_at',
  name: 'name',
} as const;

/** One page, and their number up to 10,001. */
export async function tokenPage(
  reading: Reading,
  filter: TokenFilter,
  page: { offset: number; perPage: number },
): Promise<{ rows: TokenRow[]; total: number }> {
  const query = filtered(reading, filter);
  const total = await countRows(reading, query.select('id').limit(COUNT_LIMIT));
  const cut = filter.sort?.lastIndexOf('_') ?? 0;
  const column = SORT_COLUMNS[filter.sort?.slice(0, cut) as keyof typeof SORT_COLUMNS] ?? 'id';
  const direction = filter.sort?.slice(cut + 1) === 'asc' ? 'asc' : 'desc';
  const rows = await query
    .selectAll()
    .$if(filter.userId !== undefined, (own) => own.orderBy('user_id'))
    .$if(filter.resourceId !== undefined, (own) => own.orderBy('resource_id'))
    .orderBy(column, filter.sort === undefined ? 'asc' : direction)
    .orderBy('id', filter.sort === undefined ? 'asc' : direction)
    .limit(page.perPage)
    .offset(page.offset)
    .execute();
  return { rows, total };
}

function filtered(reading: Reading, filter: TokenFilter) {
  let query = reading.sql.selectFrom('access_tokens').where('kind', 'in', filter.kinds);
  const { userId, resourceId } = filter;
  // Ranges, and in the order, so that nobody's list walks through everybody's tokens (`db/README.md`).
  if (userId !== undefined) query = query.where((eb) => eb.between('user_id', userId, userId));
  if (resourceId !== undefined) {
    query = query.where((eb) => eb.between('resource_id', resourceId, resourceId));
  }
  if (filter.revoked !== undefined) query = query.where('revoked', '=', filter.revoked ? 1 : 0);
  if (filter.active === true) {
    query = query
      .where('revoked', '=', 0)
      .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', filter.today)]));
  }
  if (filter.active === false) {
    query = query.where((eb) => eb.or([eb('revoked', '=', 1), eb('expires_at', '<=', filter.today)]));
  }
  if (filter.search !== undefined) {
    const pattern = `%${likeText(filter.search.toLowerCase())}%`;
    query = query.where((eb) => likeEscaped(eb.fn<string>('lower', ['name']), pattern));
  }
  if (filter.createdAfter !== undefined) query = query.where('created_at', '>=', filter.createdAfter);
  if (filter.createdBefore !== undefined) query = query.where('created_at', '<=', filter.createdBefore);
  if (filter.lastUsedAfter !== undefined) query = query.where('last_used_at', '>=', filter.lastUsedAfter);
  if (filter.lastUsedBefore !== undefined) query = query.where('last_used_at', '<=', filter.lastUsedBefore);
  if (filter.expiresAfter !== undefined) query = query.where('expires_at', '>=', filter.expiresAfter);
  if (filter.expiresBefore !== undefined) query = query.where('expires_at', '<=', filter.expiresBefore);
  return query;
}
