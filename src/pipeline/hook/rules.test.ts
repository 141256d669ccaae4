import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchesName } from '../../project/protected-ref.ts';
import { branchMatches } from './branch-filter.ts';
import { type Envelope, hookHeaders, shownHeaders } from './headers.ts';
import { afterDelivery, alertStatus, type Standing } from './standing.ts';
import { renderTemplate } from './template.ts';
import { filledUrl, shownUrl } from './url.ts';

const MINUTE = 60_000;
const NOW = 1_700_000_000_000;

describe('failures in a row (rest-resources 10.3)', () => {
  const failed = (times: number): Standing => {
    let standing: Standing = { recentFailures: 0, disabledUntil: null };
    for (let time = 0; time < times; time++) standing = afterDelivery(standing, false, NOW);
    return standing;
  };
  const pauses: [failures: number, minutes: number | null, status: string][] = [
    [0, null, 'executable'],
    [1, null, 'executable'],
    [3, null, 'executable'],
    [4, 1, 'temporarily_disabled'],
    [5, 2, 'temporarily_disabled'],
    [6, 4, 'temporarily_disabled'],
    [14, 1024, 'temporarily_disabled'],
    [15, 1440, 'temporarily_disabled'],
    [39, 1440, 'temporarily_disabled'],
    [40, null, 'disabled'],
    [50, null, 'disabled'],
  ];
  for (const [failures, minutes, status] of pauses) {
    it(`${failures}: ${status}${minutes === null ? '' : ` for ${minutes} minutes`}`, () => {
      const standing = failed(failures);
      assert.equal(standing.disabledUntil, minutes === null ? null : NOW + minutes * MINUTE);
      assert.equal(alertStatus(standing, NOW), status);
    });
  }
  it('a pause ends by itself', () => {
    assert.equal(alertStatus(failed(4), NOW + MINUTE), 'executable');
    assert.equal(alertStatus(failed(40), NOW + 1000 * MINUTE), 'disabled');
  });
  it('a success forgets them all', () => {
    assert.deepEqual(afterDelivery(failed(39), true, NOW), { recentFailures: 0, disabledUntil: null });
  });
});

describe('a template of its own', () => {
  const payload = { build: { id: 5, name: 'a "b"\n', tags: ['x'], none: null } };
  const cases: [template: string, body: string | null][] = [
    ['{"id": {{build.id}}}', '{"id": 5}'],
    ['{"name": "{{ build.name }}"}', '{"name": "a \\"b\\"\\n"}'],
    ['{"tags": {{build.tags}}}', '{"tags": ["x"]}'],
    ['{"none": "{{build.none}}", "gone": "{{build.gone.far}}"}', '{"none": "", "gone": ""}'],
    ['{"proto": "{{build.constructor}}"}', '{"proto": ""}'],
    ['not {{build.id}} json', null],
  ];
  for (const [template, body] of cases) {
    it(template, () => assert.equal(renderTemplate(template, payload), body));
  }
});

describe('headers of a request', () => {
  const envelope: Envelope = {
    trigger: 'job_events',
    requestId: 'r',
    idempotencyKey: 'k',
    chain: 'c',
    sequence: 8,
    instance: 'https://ci.example.com',
    token: 'sec\r\nret',
    version: '18.8.0',
  };
  const custom = { 'x-gitlab-event': 'Lie', Host: 'elsewhere', 'X-Own': 'mine' };
  const headers = hookHeaders(envelope, custom);
  it('are ours, whatever a user set', () => {
    assert.deepEqual(headers, {
      'X-Own': 'mine',
      'Content-Type': 'application/json',
      'User-Agent': 'GitLab/18.8.0',
      'X-Gitlab-Event': 'Job Hook',
      'X-Gitlab-Webhook-UUID': 'r',
      'X-Gitlab-Instance': 'https://ci.example.com',
      'X-Gitlab-Event-UUID': 'c',
      'Idempotency-Key': 'k',
      'X-Teaspoon-Sequence': '8',
      'X-Gitlab-Token': 'secret',
    });
  });
  it('have no token where none is set', () => {
    assert.equal('X-Gitlab-Token' in hookHeaders({ ...envelope, token: null }, {}), false);
  });
  it('show no secret in the log', () => {
    const shown = shownHeaders(headers, custom);
    assert.equal(shown['X-Own'], '[REDACTED]');
    assert.equal(shown['X-Gitlab-Token'], '[REDACTED]');
    assert.equal(shown['X-Gitlab-Event'], 'Job Hook');
  });
});

describe('the URL', () => {
  it('has its variables filled in, and is none while one is missing', () => {
    assert.equal(filledUrl('https://{host}/{a}?{a}', { host: 'x.example', a: '1' }), 'https://x.example/1?1');
    assert.equal(filledUrl('https://{host}/{b}', { host: 'x.example' }), null);
    assert.equal(filledUrl('https://{toString}/', {}), null);
  });
  it('is shown without user and password', () => {
    assert.equal(shownUrl('https://me:secret@x.example/{a}'), 'https://*****@x.example/{a}');
    assert.equal(shownUrl('https://x.example/a@b'), 'https://x.example/a@b');
  });
});

describe('the branch filter', () => {
  const cases: [strategy: string, filter: string | null, branch: string, told: boolean][] = [
    ['wildcard', null, 'main', true],
    ['wildcard', '', 'main', true],
    ['wildcard', 'release/*', 'release/1', true],
    ['wildcard', 'release/*', 'main', false],
    ['regex', '^(main|next)$', 'next', true],
    ['regex', '^(main|next)$', 'nextest', false],
    ['all_branches', 'main', 'other', true],
  ];
  for (const [strategy, filter, branch, told] of cases) {
    it(`${strategy} ${filter}: ${branch} is ${told ? '' : 'not '}told`, () => {
      const hook = { branch_filter_strategy: strategy, push_events_branch_filter: filter };
      assert.equal(branchMatches(hook, branch, matchesName), told);
    });
  }
});
