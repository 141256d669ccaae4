import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { addTo, makePerson, makeProject, type Person } from '../../../test/people.ts';
import { forEachServer, type TestServer } from '../../../test/start-server.ts';

type Body = Record<string, unknown>;

forEachServer('variables', (start) => {
  let server: TestServer;
  let ann: Person;
  let bob: Person;
  let path: string;
  before(async () => {
    server = await start();
    ann = await makePerson(server, 'ann');
    bob = await makePerson(server, 'bob');
    const { id } = await makeProject(server, 'app');
    await addTo(server, id, ann, 40);
    await addTo(server, id, bob, 30);
    path = `/projects/${id}/variables`;
  });

  const post = (body: Body) => server.api<Body>('POST', path, { token: ann.token, body });
  const put = (key: string, body: Body) =>
    server.api<Body>('PUT', `${path}/${key}`, { token: ann.token, body });

  it('is made, read, changed and removed by maintainers', async () => {
    const made = await post({ key: ' GREETING ', value: 'hello', description: 'why' });
    assert.equal(made.status, 201);
    assert.deepEqual(Object.entries(made.body), [
      ['variable_type', 'env_var'],
      ['key', 'GREETING'],
      ['value', 'hello'],
      ['hidden', false],
      ['protected', false],
      ['masked', false],
      ['raw', false],
      ['environment_scope', '*'],
      ['description', 'why'],
    ]);
    const shown = await server.api('GET', `${path}/GREETING`, { token: ann.token });
    assert.deepEqual(shown.body, made.body);
    const changed = await put('GREETING', { value: '', protected: true, description: null });
    assert.deepEqual(
      [changed.status, changed.body.value, changed.body.protected, changed.body.description],
      [200, '', true, null],
    );
    const removed = await server.api('DELETE', `${path}/GREETING`, { token: ann.token });
    assert.deepEqual([removed.status, removed.body], [204, '']);
    const missing = await server.api('GET', `${path}/GREETING`, { token: ann.token });
    assert.deepEqual([missing.status, missing.body], [404, { message: '404 Variable Not Found' }]);
  });

  it('is for maintainers alone, whatever the verb', async () => {
    await post({ key: 'OWN', value: 'x' });
    for (const [method, where] of [
      ['GET', path],
      ['POST', path],
      ['GET', `${path}/OWN`],
      ['PUT', `${path}/OWN`],
      ['DELETE', `${path}/OWN`],
    ] as const) {
      const body = { key: 'X', value: 'y' };
      const content = method === 'POST' || method === 'PUT' ? { body } : {};
      const refused = await server.api(method, where, { token: bob.token, ...content });
      assert.deepEqual(
        [refused.status, refused.body],
        [403, { message: '403 Forbidden' }],
        `${method} ${where}`,
      );
      const nobody = await server.api(method, where, { token: null, ...content });
      assert.equal(nobody.status, 401);
    }
  });

  const refusals: [name: string, body: Body, answer: unknown][] = [
    ['no key', { value: 'x' }, { error: 'key is missing' }],
    ['no value', { key: 'X' }, { error: 'value is missing' }],
    [
      'a type that is none',
      { key: 'X', value: 'x', variable_type: 'x' },
      { error: 'variable_type does not have a valid value' },
    ],
    ['a list for a value', { key: 'X', value: ['x'] }, { error: 'value is invalid' }],
    ...['A B', 'A=B', 'A\nB', '$(x)', 'ü', '-'].map((key): [string, Body, unknown] => [
      `the key ${JSON.stringify(key)}`,
      { key, value: 'x' },
      { message: { key: ["can contain only letters, digits and '_'."] } },
    ]),
    ['an empty key', { key: '', value: 'x' }, { message: { key: ["can't be blank"] } }],
    [
      'a long key',
      { key: 'A'.repeat(256), value: 'x' },
      { message: { key: ['is too long (maximum is 255 characters)'] } },
    ],
    [
      'a value too short to mask',
      { key: 'M', value: '1234567', masked: true },
      { message: { value: ['is invalid'] } },
    ],
    [
      'a value of two lines to mask',
      { key: 'M', value: '12345678\n9', masked: true },
      { message: { value: ['is invalid'] } },
    ],
    [
      'a value with a blank to mask',
      { key: 'M', value: '1234 5678', masked: true, raw: true },
      { message: { value: ['is invalid'] } },
    ],
    [
      'a value that only raw can mask',
      { key: 'M', value: 'abc$%&/()', masked: true },
      { message: { value: ['is invalid'] } },
    ],
    [
      'too long a value',
      { key: 'M', value: 'x'.repeat(10_001) },
      { message: { value: ['is too long (maximum is 10000 characters)'] } },
    ],
  ];
  for (const [name, body, answer] of refusals) {
    it(`refuses ${name}`, async () => {
      const refused = await post(body);
      assert.deepEqual([refused.status, refused.body], [400, answer]);
    });
  }

  it('is one for each key and scope, and asks which when there are several', async () => {
    await post({ key: 'SCOPED', value: 'all' });
    const taken = await post({ key: 'SCOPED', value: 'x' });
    assert.deepEqual(taken.body, { message: { key: ['(SCOPED) has already been taken'] } });
    assert.equal((await post({ key: 'SCOPED', value: 'prod', environment_scope: 'prod/*' })).status, 201);
    const which = await server.api('GET', `${path}/SCOPED`, { token: ann.token });
    assert.deepEqual(
      [which.status, which.body],
      [
        409,
        {
          message:
            "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
        },
      ],
    );
    const query = 'filter%5Benvironment_scope%5D=prod/*';
    const one = await server.api<Body>('GET', `${path}/SCOPED?${query}`, { token: ann.token });
    assert.equal(one.body.value, 'prod');
    const wrong = await server.api('GET', `${path}/SCOPED?filter=prod`, { token: ann.token });
    assert.deepEqual([wrong.status, wrong.body], [400, { error: 'filter is invalid' }]);
    assert.equal((await server.api('DELETE', `${path}/SCOPED?${query}`, { token: ann.token })).status, 204);
    const left = await server.api<Body>('GET', `${path}/SCOPED`, { token: ann.token });
    assert.equal(left.body.value, 'all');
  });

  it('when hidden never shows its value again, and stays hidden and masked', async () => {
    const made = await post({ key: 'HIDDEN', value: 'secret-value-1', masked_and_hidden: true });
    assert.deepEqual([made.body.value, made.body.hidden, made.body.masked], [null, true, true]);
    const unmasked = await put('HIDDEN', { masked: false });
    assert.deepEqual(unmasked.body, {
      message: { base: ['The visibility setting cannot be changed for masked and hidden variables.'] },
    });
    const changed = await put('HIDDEN', { value: 'secret-value-2', masked_and_hidden: false });
    assert.deepEqual([changed.body.value, changed.body.hidden], [null, true]);
    const list = await server.api('GET', path, { token: ann.token });
    assert.doesNotMatch(JSON.stringify(list.body), /secret-value/);
  });

  it('asks the mask rules again on every save', async () => {
    await post({ key: 'RAW', value: 'abc$%&/()', masked: true, raw: true });
    const refused = await put('RAW', { raw: false });
    assert.deepEqual([refused.status, refused.body], [400, { message: { value: ['is invalid'] } }]);
  });

  it('of a group belongs to its owners, of the instance to administrators', async () => {
    const group = await server.api<{ id: number }>('POST', '/groups', { body: { name: 'G', path: 'g' } });
    const groupPath = `/groups/${group.body.id}/variables`;
    const made = await server.api('POST', groupPath, { body: { key: 'A', value: 'x' } });
    assert.equal(made.status, 201);
    await server.api('POST', `/groups/${group.body.id}/members`, {
      body: { user_id: ann.id, access_level: 40 },
    });
    assert.equal((await server.api('GET', groupPath, { token: ann.token })).status, 403);
    assert.deepEqual((await server.api('GET', `${groupPath}/B`)).body, {
      message: '404 GroupVariable Not Found',
    });

    const instance = await server.api<Body>('POST', '/admin/ci/variables', {
      body: { key: 'I', value: 'x' },
    });
    assert.deepEqual(Object.keys(instance.body), [
      'variable_type',
      'key',
      'value',
      'protected',
      'masked',
      'raw',
      'description',
    ]);
    assert.equal((await server.api('GET', '/admin/ci/variables', { token: ann.token })).status, 403);
    assert.equal((await server.api('GET', '/admin/ci/variables', { token: null })).status, 401);
    assert.deepEqual((await server.api('GET', '/admin/ci/variables/B')).body, {
      message: '404 InstanceVariable Not Found',
    });
  });
});
