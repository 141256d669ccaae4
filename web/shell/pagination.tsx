import type { Paging } from '../api/client.ts';
import { query, setQuery } from '../router.ts';

/** Newer and older, and how many there are; the page's number is in the address. */
export function Pagination({
  paging,
  noun,
  words = ['Newer', 'Older'],
}: {
  paging: Paging;
  noun: string;
  /** What the ways back and on are called. */
  words?: readonly [back: string, on: string];
}) {
  const page = Number(query.value.get('page') ?? '1');
  if (paging.next === null && page <= 1) {
    return paging.total === null ? null : <p class="pagination muted">{countText(paging.total, noun)}</p>;
  }
  const to = (params: URLSearchParams | null) => () => {
    setQuery({ page: params?.get('page') ?? null });
    scrollTo(0, 0);
  };
  return (
    <nav class="pagination" aria-label="Pages">
      <button
        type="button"
        disabled={page <= 1}
        onClick={to(paging.prev ?? new URLSearchParams({ page: String(page - 1) }))}
      >
        {words[0]}
      </button>
      <span class="muted">
        Page {page}
        {paging.total === null ? '' : ` · ${countText(paging.total, noun)}`}
      </span>
      <button type="button" disabled={paging.next === null} onClick={to(paging.next)}>
        {words[1]}
      </button>
    </nav>
  );
}

/** "1 job", "1,204 jobs". */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
