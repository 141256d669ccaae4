import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeCursor,
  encodeCursor,
  keysetAnswer,
  pageAnswer,
  pageOf,
  uncountedAnswer,
} from './pagination.ts';

const call = {
  baseUrl: 'https://ci.example.com',
  path: '/api/v4/projects/1/pipelines/7/jobs',
  received: {
    id: '1',
    pipeline_id: '7',
    scope: ['failed', 'a b'],
    private_token: 'glpat-x',
    page: '2',
    per_page: '3',
  },
};
const url = (page: number) =>
  `https://ci.example.com/api/v4/projects/1/pipelines/7/jobs?id=1&page=${page}&per_page=3&pipeline_id=7&scope%5B%5D=failed&scope%5B%5D=a%20b`;

test('a counted list names previous, next, first and last page, in this order, without secrets', () => {
  const { headers } = pageAnswer(call, pageOf({ page: 2, per_page: 3 }), [], 8);
  assert.deepEqual(headers, {
    link: `<${url(1)}>; rel="prev", <${url(3)}>; rel="next", <${url(1)}>; rel="first", <${url(3)}>; rel="last"`,
    'x-next-page': '3',
    'x-page': '2',
    'x-per-page': '3',
    'x-prev-page': '1',
    'x-total': '8',
    'x-total-pages': '3',
  });
});

test('an empty list has one page and empty neighbours', () => {
  const { headers } = pageAnswer(call, pageOf({ page: 1, per_page: 3 }), [], 0);
  assert.deepEqual(headers, {
    link: `<${url(1)}>; rel="first", <${url(1)}>; rel="last"`,
    'x-next-page': '',
    'x-page': '1',
    'x-per-page': '3',
    'x-prev-page': '',
    'x-total': '0',
    'x-total-pages': '1',
  });
});

test('above 10,000 rows totals and the last page are dropped', () => {
  const { headers } = pageAnswer(call, pageOf({ page: 2, per_page: 3 }), [1, 2, 3], 10_001);
  assert.deepEqual(headers, {
    link: `<${url(1)}>; rel="prev", <${url(3)}>; rel="next", <${url(1)}>; rel="first"`,
    'x-next-page': '3',
    'x-page': '2',
    'x-per-page': '3',
    'x-prev-page': '1',
  });
});

test('behind the 10,001st row a full page has a next one', () => {
  const nextOf = (items: readonly unknown[]) =>
    pageAnswer(call, pageOf({ page: 4000, per_page: 3 }), items, 10_001).headers?.['x-next-page'];
  assert.deepEqual([nextOf([1, 2, 3]), nextOf([1, 2])], ['4001', '']);
});

test('an uncounted list never has totals', () => {
  const { headers } = uncountedAnswer(call, pageOf({ page: 1, per_page: 3 }), [1], false);
  assert.deepEqual(headers, {
    link: `<${url(1)}>; rel="first"`,
    'x-next-page': '',
    'x-page': '1',
    'x-per-page': '3',
    'x-prev-page': '',
  });
});

test('a keyset list has a Link to the next page, and none on the last', () => {
  const received = { ...call.received, page: '1', cursor: 'old' };
  const { headers } = keysetAnswer({ ...call, received }, [], { cursor: 'new' });
  const expected = url(1).replace('?id', '?cursor=new&id');
  assert.deepEqual(headers, { link: `<${expected}>; rel="next"` });
  assert.deepEqual(keysetAnswer(call, [], null).headers, {});
});

test('a larger page than allowed is clamped', () => {
  assert.deepEqual(pageOf({ page: 3, per_page: 500 }), { page: 3, perPage: 100, offset: 200 });
});

test('a cursor comes back as it was, and anything else is none', () => {
  assert.deepEqual(decodeCursor(encodeCursor({ id: 5 })), { id: 5 });
  assert.equal(decodeCursor('%%%'), null);
  assert.equal(decodeCursor('bnVsbA'), null);
});
