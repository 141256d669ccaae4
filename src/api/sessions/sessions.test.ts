import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser } from '../../../test/browser.ts';
import { forEachEngine } from '../../../test/databases.ts';
import { makePerson } from '../../../test/people.ts';
import { startApi, type TestApi } from '../../../test/start-api.ts';
import { forEachServer, ROOT_PASSWORD, ROOT_TOKEN, type TestServer } from '../../../test/start-server.ts';
import { firstStart } from '../../project/first-start.ts';
import { removeEndedSessions } from '../../project/session.ts';
import { SignInFailures, signIn } from '../../project/sign-in.ts';
import type { SessionEntity } from '../entities/session.ts';
import { webPage } from '../pages/web-ui.ts';
import { routes } from '../routes.ts';

const SESSIONS = '/api/v4/user/sessions';
const DAY_MS = 86_400_000;

forEachServer('signing in', (start) => {
  let server: TestServer;
  const root = () => new Browser(server.url).signIn('root', ROOT_PASSWORD);
  const status = async (browser: Browser) => (await browser.send('GET', '/api/v4/user')).status;

  before(async () => {
    server = await start();
  });

  it('gives a new cookie that scripts and other sites do not get; the one before it stays worthless', async () => {
    const browser = new Browser(server.url);
    const page = await browser.open('/users/sign_in');
    const before = browser.cookie;
    assert.match(page.headers.get('set-cookie') ?? '', /; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
    const body = { user: { login: 'ROOT', password: ROOT_PASSWORD }, redirect_to: '/root/app' };
    const answer = await browser.send('POST', '/users/sign_in', body);
    assert.deepEqual(JSON.parse(answer.text), { redirect_to: '/root/app' });
    assert.notEqual(browser.cookie, before);
    assert.equal(await status(browser), 200);
    const old = new Browser(server.url);
    old.cookie = before;
    assert.equal(await status(old), 401);
  });

  it('leads a form on to a local path only', async () => {
    const type = 'application/x-www-form-urlencoded';
    const ways: [string, string][] = [
      ['/root/app/-/jobs/1?x=1#L5', '/root/app/-/jobs/1?x=1#L5'],
      ['//evil.example', '/'],
      ['/\\evil.example', '/'],
      ['https:evil.example', '/'],
      ['https://evil.example', '/'],
      ['/\t/evil.example', '/'],
      ['/a\r\nset-cookie: x=1', '/'],
      ['javascript:alert(1)', '/'],
    ];
    for (const [asked, led] of ways) {
      const browser = new Browser(server.url);
      await browser.open('/users/sign_in');
      const form = new URLSearchParams({
        'user[login]': 'root',
        'user[password]': ROOT_PASSWORD,
        authenticity_token: browser.csrf,
        redirect_to: asked,
      });
      const headers = { cookie: browser.cookie, 'content-type': type };
      const answer = await browser.send('POST', '/users/sign_in', form.toString(), headers);
      assert.equal(answer.status, 302, asked);
      assert.equal(answer.headers.get('location'), led, asked);
    }
  });

  it('is refused when no page of ours asks', async () => {
    const body = { user: { login: 'root', password: ROOT_PASSWORD } };
    const browser = new Browser(server.url);
    assert.equal((await browser.send('POST', '/users/sign_in', body)).status, 422);
    await browser.open('/users/sign_in');
    const wrong = { ...browser.headers, 'x-csrf-token': 'x' };
    assert.equal((await browser.send('POST', '/users/sign_in', body, wrong)).status, 422);
    const foreign = { ...browser.headers, origin: 'https://evil.example' };
    assert.equal((await browser.send('POST', '/users/sign_in', body, foreign)).status, 422);
    const crossSite = { ...browser.headers, 'sec-fetch-site': 'cross-site' };
    assert.equal((await browser.send('POST', '/users/sign_in', body, crossSite)).status, 422);
    const ours = { ...browser.headers, origin: server.url, 'sec-fetch-site': 'same-origin' };
    assert.equal((await browser.send('POST', '/users/sign_in', body, ours)).status, 200);
  });

  it('says the same of an unknown user and a wrong password, and makes an account wait after five', async () => {
    await makePerson(server, 'ann', { password: 'the right one' });
    const browser = new Browser(server.url);
    await browser.open('/users/sign_in');
    const attempt = (login: string, password: string) =>
      browser.send('POST', '/users/sign_in', { user: { login, password } });
    const unknown = await attempt('nobody', 'x');
    assert.equal(unknown.status, 401);
    for (let failure = 0; failure < 5; failure++) {
      const wrong = await attempt('ann', `wrong ${failure}`);
      assert.deepEqual([wrong.status, wrong.text], [unknown.status, unknown.text]);
    }
    const throttled = await attempt('ann', 'the right one');
    assert.equal(throttled.status, 429);
    assert.equal(throttled.headers.get('retry-after'), '600');
    assert.equal((await attempt('root', ROOT_PASSWORD)).status, 200, 'others are not locked out');
  });

  it('with a password that an administrator chose only chooses another, which then signs in', async () => {
    const eva = await makePerson(server, 'eva', { password: 'chosen with care' });
    const before = await new Browser(server.url).signIn('eva', 'chosen with care');
    await server.api('PUT', `/users/${eva.id}`, { body: { password: 'set for her' } });
    assert.equal(await status(before), 401);
    const attempt = async (password: string, another?: string) => {
      const browser = new Browser(server.url);
      await browser.open('/users/sign_in');
      const answer = await browser.send('POST', '/users/sign_in', {
        user: { login: 'eva', password, ...(another === undefined ? {} : { new_password: another }) },
      });
      return { ...answer, signedIn: (await status(browser)) === 200 };
    };
    const REFUSED: [another: string | undefined, status: number, body: unknown][] = [
      [
        undefined,
        403,
        {
          message: '403 Forbidden - Your password has expired. Send another as user[new_password].',
          password_expired: true,
        },
      ],
      ['short', 400, { message: { new_password: ['is too short (minimum is 8 characters)'] } }],
      ['set for her', 400, { message: { new_password: ['must not be the old one'] } }],
    ];
    for (const [another, given, body] of REFUSED) {
      const { status: got, text, signedIn } = await attempt('set for her', another);
      assert.deepEqual([got, JSON.parse(text), signedIn], [given, body, false]);
    }
    assert.equal((await attempt('not hers', 'taken over by me')).status, 401);
    const git = await fetch(`${server.url}/eva/app.git/info/refs?service=git-upload-pack`, {
      headers: { authorization: `Basic ${btoa('eva:set for her')}` },
    });
    assert.equal(git.status, 403);
    assert.equal((await server.api('GET', '/user', { token: eva.token })).status, 200, 'tokens go on');
    assert.equal((await attempt('set for her', 'her own choice')).signedIn, true);
    assert.equal((await attempt('set for her')).status, 401);
    assert.equal((await attempt('her own choice')).status, 200);
    const own = await server.api('PUT', '/user/password', {
      token: eva.token,
      body: { current_password: 'her own choice', password: 'another of hers' },
    });
    assert.equal(own.status, 204);
    assert.equal((await attempt('another of hers')).status, 200);
  });

  it('gives no more than five guesses to who tries many at once', async () => {
    await makePerson(server, 'fay', { password: 'the right one' });
    const browser = new Browser(server.url);
    await browser.open('/users/sign_in');
    const guesses = [...Array.from({ length: 20 }, (_, guess) => `wrong ${guess}`), 'the right one'];
    const answers = await Promise.all(
      guesses.map((password) => browser.send('POST', '/users/sign_in', { user: { login: 'fay', password } })),
    );
    const statuses = answers.map(({ status: got }) => got);
    assert.ok(statuses.filter((got) => got === 401).length <= 6, statuses.join(' '));
    assert.equal(statuses.includes(200), false, statuses.join(' '));
  });

  it('tells one address of ten failures a minute, and still lets in who knows the password', async () => {
    const browser = new Browser(server.url);
    await browser.open('/users/sign_in');
    let told = 0;
    for (let failure = 0; failure < 12; failure++) {
      const user = { login: `nobody-${failure}`, password: 'x' };
      if ((await browser.send('POST', '/users/sign_in', { user })).status === 401) told++;
    }
    assert.ok(told < 12, `${told} of 12`);
    const user = { login: 'root', password: ROOT_PASSWORD };
    assert.equal((await browser.send('POST', '/users/sign_in', { user })).status, 200);
  });

  it('costs an unknown user the same time as a wrong password', async () => {
    const { db } = server.rooms;
    const median = async (login: string) => {
      const times: number[] = [];
      for (let turn = 0; turn < 7; turn++) {
        const startedAt = performance.now();
        await signIn(db.read, new SignInFailures(), login, 'wrong', 1);
        times.push(performance.now() - startedAt);
      }
      return times.sort((a, b) => a - b)[3]!;
    };
    const [known, unknown] = [await median('root'), await median('nobody')];
    assert.ok(unknown > known / 3 && unknown < known * 3, `${known} ms and ${unknown} ms`);
  });

  describe('a session', () => {
    it('reads without a CSRF token and writes with one only', async () => {
      const browser = await root();
      assert.equal(await status(browser), 200);
      const body = { name: 'made-by-a-page' };
      const { cookie } = browser;
      const refused: Record<string, string>[] = [
        { cookie },
        { cookie, 'x-csrf-token': 'x' },
        { ...browser.headers, origin: 'https://evil.example' },
        { ...browser.headers, origin: 'null' },
        { ...browser.headers, 'sec-fetch-site': 'cross-site' },
        { ...browser.headers, 'sec-fetch-site': 'same-site' },
        { cookie, 'content-type': 'text/plain' },
      ];
      for (const headers of refused) {
        const { status: got } = await browser.send('POST', '/api/v4/projects', body, headers);
        assert.ok(got === 401 || got === 415, JSON.stringify(headers));
      }
      assert.equal((await browser.send('POST', '/api/v4/projects', body)).status, 201);
    });

    it("of another browser does not lend its CSRF token, nor does a stranger's page", async () => {
      const [one, other] = [await root(), await root()];
      const stranger = new Browser(server.url);
      await stranger.open('/users/sign_in');
      for (const { csrf } of [other, stranger]) {
        const headers = { cookie: one.cookie, 'x-csrf-token': csrf };
        assert.equal((await one.send('POST', '/api/v4/projects', { name: 'x' }, headers)).status, 401);
      }
    });

    it('is not looked at when a token is sent, whatever that token is worth', async () => {
      const ben = await makePerson(server, 'ben');
      const { cookie } = await root();
      const asBen = await server.api<{ username: string }>('GET', '/user', {
        token: ben.token,
        headers: { cookie },
      });
      assert.equal(asBen.body.username, 'ben');
      const bad = await server.api('GET', '/user', { token: 'glpat-of-nobody', headers: { cookie } });
      assert.equal(bad.status, 401);
    });

    it('is dead on the server once it was signed out', async () => {
      const browser = await root();
      const replayed = browser.cookie;
      assert.equal((await browser.send('DELETE', '/users/sign_out', {})).status, 200);
      const other = new Browser(server.url);
      other.cookie = replayed;
      assert.equal(await status(other), 401);
    });

    it('is not signed out by another site, nor by a GET', async () => {
      const browser = await root();
      const { cookie } = browser;
      assert.equal((await browser.send('POST', '/users/sign_out', {}, { cookie })).status, 422);
      assert.notEqual((await browser.send('GET', '/users/sign_out')).status, 302);
      assert.equal(await status(browser), 200);
    });

    it('is listed with the others of its user alone, and each can be ended', async () => {
      await makePerson(server, 'cleo', { password: 'a long password' });
      const one = await new Browser(server.url).signIn('cleo', 'a long password');
      const other = await new Browser(server.url).signIn('cleo@example.com', 'a long password');
      const list = await one.get<SessionEntity[]>('/user/sessions');
      assert.deepEqual(
        list.map(({ current }) => current),
        [false, true],
      );
      assert.equal(list[0]!.ip_address, '127.0.0.1');
      const stranger = await root();
      assert.equal((await stranger.send('DELETE', `${SESSIONS}/${list[0]!.id}`)).status, 404);
      assert.equal((await one.send('DELETE', `${SESSIONS}/${list[0]!.id}`)).status, 204);
      assert.equal(await status(other), 401);
      assert.equal(await status(one), 200);
    });

    it('goes on under a new secret when its user changes his password; all others end', async () => {
      await makePerson(server, 'dan', { password: 'a long password' });
      const one = await new Browser(server.url).signIn('dan', 'a long password');
      const other = await new Browser(server.url).signIn('dan', 'a long password');
      const { cookie } = one;
      const change = (current: string) =>
        one.send('PUT', '/api/v4/user/password', { current_password: current, password: 'another one' });
      assert.equal((await change('wrong')).status, 400);
      assert.equal((await change('a long password')).status, 204);
      assert.notEqual(one.cookie, cookie);
      const replayed = new Browser(server.url);
      replayed.cookie = cookie;
      assert.deepEqual(await Promise.all([one, other, replayed].map(status)), [200, 401, 401]);
      await new Browser(server.url).signIn('dan', 'another one');
    });

    it('makes tokens of any scope for its user, as a token cannot (security TOK-7)', async () => {
      const body = { name: 'by hand', scopes: ['api', 'write_repository'] };
      const browser = await root();
      const made = await browser.send('POST', '/api/v4/user/personal_access_tokens', body);
      assert.equal(made.status, 201, made.text);
      const { token } = JSON.parse(made.text) as { token: string };
      const refused = await server.api<{ error: string }>('POST', '/user/personal_access_tokens', {
        token,
        body,
      });
      assert.deepEqual([refused.status, refused.body.error], [400, 'scopes does not have a valid value']);
    });

    const ends: Record<string, [method: string, path: string, body?: object]> = {
      'becomes an administrator': ['PUT', '', { admin: true }],
      'gets another password': ['PUT', '', { password: 'something else' }],
      'is blocked': ['POST', '/block'],
      'is banned': ['POST', '/ban'],
      'is removed': ['DELETE', ''],
    };
    for (const [event, [method, path, body]] of Object.entries(ends)) {
      it(`ends when its user ${event}`, async () => {
        const login = event.replaceAll(' ', '-');
        const person = await makePerson(server, login, { password: 'a long password' });
        const browser = await new Browser(server.url).signIn(login, 'a long password');
        const changed = await server.api(method, `/users/${person.id}${path}`, body ? { body } : {});
        assert.ok(changed.status < 300);
        assert.equal(await status(browser), 401);
      });
    }

    it('activates a deactivated account, and a blocked one gets none', async () => {
      const eve = await makePerson(server, 'eve', { password: 'a long password' });
      await server.api('POST', `/users/${eve.id}/deactivate`);
      assert.equal(await status(await new Browser(server.url).signIn('eve', 'a long password')), 200);
      await server.api('POST', `/users/${eve.id}/block`);
      const browser = new Browser(server.url);
      await browser.open('/users/sign_in');
      const user = { login: 'eve', password: 'a long password' };
      assert.equal((await browser.send('POST', '/users/sign_in', { user })).status, 403);
    });
  });
});

forEachEngine('time', (open) => {
  let api: TestApi;
  let now = Date.now();

  before(async () => {
    const db = await open();
    await firstStart(db, { rootToken: ROOT_TOKEN, rootPassword: ROOT_PASSWORD }, now);
    api = await startApi(db, routes, {
      clock: () => now,
      extra: { signInFailures: new SignInFailures() },
      fallback: (request, path, baseUrl) =>
        webPage({ directory: '/nowhere', encryption: api.rooms.encryption }, request, path, baseUrl),
    });
  });
  after(() => api.close());

  it('ends a session after a week without use, and every session after a month', async () => {
    const status = async (browser: Browser) => (await browser.send('GET', '/api/v4/user')).status;
    const [idle, used] = [new Browser(api.url), new Browser(api.url)];
    await idle.signIn('root', ROOT_PASSWORD);
    await used.signIn('root', ROOT_PASSWORD);
    const alive: string[] = [];
    for (let day = 0; day < 31; day++) {
      now += DAY_MS;
      if ((await status(used)) === 200) alive.push('used');
      if (day === 7) assert.equal(await status(idle), 401);
    }
    assert.equal(alive.length, 29);
    await api.rooms.db.transaction((tx) => removeEndedSessions(tx, now));
    const fresh = await new Browser(api.url).signIn('root', ROOT_PASSWORD);
    assert.equal((await fresh.get<SessionEntity[]>('/user/sessions')).length, 1);
  });
});
