import assert from 'node:assert/strict';
import type { TestServer } from './start-server.ts';

/** A user with a token of scope `api`. */
export interface Person {
  id: number;
  username: string;
  token: string;
}

/** Makes a user through the API, as an administrator does. */
export async function makePerson(
  server: TestServer,
  username: string,
  options: { scopes?: string[]; admin?: boolean; password?: string } = {},
): Promise<Person> {
  const user = await server.api<{ id: number }>('POST', '/users', {
    body: {
      username,
      name: `Person ${username}`,
      email: `${username}@example.com`,
      ...(options.password === undefined ? { force_random_password: true } : { password: options.password }),
      admin: options.admin ?? false,
    },
  });
  assert.equal(user.status, 201, JSON.stringify(user.body));
  const made = await server.api<{ token: string }>('POST', `/users/${user.body.id}/personal_access_tokens`, {
    body: { name: 'test', scopes: options.scopes ?? ['api'] },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return { id: user.body.id, username, token: made.body.token };
}

/** Makes a project as root, or as somebody else; gives its id and path. */
export async function makeProject(
  server: Pick<TestServer, 'api'>,
  name: string,
  options: { token?: string; body?: Record<string, unknown> } = {},
): Promise<{ id: number; path_with_namespace: string; namespace: { id: number } }> {
  const made = await server.api<{ id: number; path_with_namespace: string; namespace: { id: number } }>(
    'POST',
    '/projects',
    { body: { name, ...options.body }, ...(options.token === undefined ? {} : { token: options.token }) },
  );
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body;
}

/** Gives somebody a level on a project. */
export async function addTo(
  server: TestServer,
  projectId: number,
  person: Person,
  level: number,
): Promise<void> {
  const body = { user_id: person.id, access_level: level };
  const added = await server.api('POST', `/projects/${projectId}/members`, { body });
  assert.equal(added.status, 201, JSON.stringify(added.body));
}
