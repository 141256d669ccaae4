import { pageOf } from '../pagination.ts';

/** Parameters of lists that go on from the last item seen (rest-resources 4.1, 4.5). */
export const TOKEN_PAGE_INPUT = {
  pagination: { type: 'string' },
  page_token: { type: 'string' },
} as const;

/** The items after the one that `page_token` names; from the start without one, nothing after one that is gone. */
export function afterToken<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  params: { page: number; per_page: number; page_token?: string | undefined },
): { shown: T[]; next: { page_token: string } | null } {
  const { perPage } = pageOf(params);
  const token = params.page_token ?? '';
  const found = items.findIndex((item) => nameOf(item) === token);
  const start = token === '' ? 0 : found === -1 ? items.length : found + 1;
  const shown = items.slice(start, start + perPage);
  const last = shown.at(-1);
  const more = last !== undefined && start + perPage < items.length;
  return { shown, next: more ? { page_token: nameOf(last) } : null };
}
