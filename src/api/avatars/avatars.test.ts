import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { makePerson, makeProject, type Person } from '../../../test/people.ts';
import { forEachServer, ROOT_TOKEN, type TestServer } from '../../../test/start-server.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

forEachServer('avatars', (start) => {
  let server: TestServer;
  let ann: Person;
  before(async () => {
    server = await start();
    ann = await makePerson(server, 'ann');
  });

  /** A multipart request with one file, as clients upload pictures. */
  const send = async (
    method: string,
    path: string,
    file: { name: string; bytes: Buffer },
    fields: Record<string, string> = {},
    token = ROOT_TOKEN,
  ) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('avatar', new Blob([new Uint8Array(file.bytes)]), file.name);
    const headers = { 'PRIVATE-TOKEN': token };
    const response = await fetch(`${server.url}/api/v4${path}`, { method, body: form, headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const get = (url: string, token: string | null) =>
    fetch(url, token === null ? {} : { headers: { 'PRIVATE-TOKEN': token } });
  const picture = { name: 'a face.png', bytes: PNG };

  it('of a project are uploaded, served to those who may see it, and taken away', async () => {
    const { id } = await makeProject(server, 'app', { token: ann.token });
    const edited = await send('PUT', `/projects/${id}`, picture, { description: 'x' }, ann.token);
    assert.deepEqual([edited.status, edited.body.description], [200, 'x']);
    const url = String(edited.body.avatar_url);
    assert.equal(url, `${server.url}/uploads/-/system/project/avatar/${id}/a_face.png`);
    for (const address of [url, `${server.url}/api/v4/projects/${id}/avatar`]) {
      const served = await get(address, ann.token);
      assert.deepEqual([served.status, served.headers.get('content-type')], [200, 'image/png']);
      assert.equal(served.headers.get('content-security-policy'), "sandbox; default-src 'none'");
      assert.deepEqual(Buffer.from(await served.arrayBuffer()), PNG);
      assert.equal((await get(address, null)).status, 404);
    }
    const removed = await server.api<{ avatar_url: unknown }>('PUT', `/projects/${id}`, {
      token: ann.token,
      body: { avatar: '' },
    });
    assert.equal(removed.body.avatar_url, null);
    assert.equal((await get(url, ann.token)).status, 404);
  });

  it('come with what is made', async () => {
    const project = await send('POST', '/projects', picture, { name: 'pictured' });
    assert.match(String(project.body.avatar_url), /\/project\/avatar\/\d+\/a_face\.png$/);
    const group = await send('POST', '/groups', picture, {
      name: 'Crew',
      path: 'crew',
      visibility: 'public',
    });
    assert.equal(group.status, 201);
    assert.equal((await get(String(group.body.avatar_url), null)).status, 200);
    const user = await send('POST', '/users', picture, {
      username: 'dora',
      name: 'Dora',
      email: 'dora@example.com',
      password: 'long enough',
    });
    assert.equal((await get(String(user.body.avatar_url), null)).status, 200);
  });

  it('of users are their own to change', async () => {
    const changed = await send('PUT', '/user/avatar', picture, {}, ann.token);
    assert.deepEqual(
      [changed.status, changed.body],
      [200, { avatar_url: `${server.url}/uploads/-/system/user/avatar/${ann.id}/a_face.png` }],
    );
    const self = await server.api<{ avatar_url: string; bio: string }>('GET', '/user', { token: ann.token });
    assert.equal(self.body.avatar_url, changed.body.avatar_url);
  });

  const refusals: [what: string, file: { name: string; bytes: Buffer }, text: RegExp][] = [
    ['too large', { name: 'a.png', bytes: Buffer.concat([PNG, Buffer.alloc(200 * 1024)]) }, /^is too big/],
    ['no picture by its bytes', { name: 'a.png', bytes: Buffer.from('<svg/>') }, /^file format is not/],
    ['no picture by its name', { name: 'a.svg', bytes: PNG }, /^file format is not supported/],
  ];
  for (const [what, file, text] of refusals) {
    it(`are refused when they are ${what}`, async () => {
      const { status, body } = await send('PUT', '/user/avatar', file, {}, ann.token);
      assert.equal(status, 400);
      assert.match((body.message as { avatar: string[] }).avatar[0]!, text);
    });
  }

  it('are files, not texts', async () => {
    const { status, body } = await server.api('PUT', '/user/avatar', {
      token: ann.token,
      body: { avatar: 'x' },
    });
    assert.deepEqual([status, body], [400, { error: 'avatar is invalid' }]);
  });
});
