import assert from 'node:assert/strict';
import { it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { levelsOn } from './audience.ts';
import { viewerOf } from './authorize.ts';
import { createGroup } from './create-group.ts';
import { createProject } from './create-project.ts';
import { createUser } from './create-user.ts';
import { addMember } from './member.ts';
import { projectById } from './project.ts';
import { shareWith } from './share.ts';
import type { User } from './user.ts';

const NOW = Date.parse('2026-06-15T12:00:00Z');
const [PAST, FUTURE] = ['2026-06-15', '2026-06-16'];

forEachEngine('an audience', (open) => {
  it('is known at once as each of it is known alone: members, inherited, shared with, expired', async () => {
    const db = await open();
    const { projectId, users } = await db.transaction(async (tx) => {
      const person = async (username: string): Promise<User> => {
        const values = { username, name: username, email: `${username}@example.com` };
        const made = await createUser(tx, values, NOW);
        assert.ok(made.ok);
        return made.user;
      };
      const maker = await person('maker');
      const group = async (path: string, parent: Parameters<typeof createGroup>[2]) => {
        const made = await createGroup(tx, maker, parent, { name: path, path }, NOW);
        assert.ok(made.ok);
        return made.group;
      };
      const top = await group('top', null);
      const sub = await group('sub', top);
      const friends = await group('friends', null);
      const guests = await group('guests', null);
      const made = await createProject(tx, maker, { path: 'app', namespaceId: sub.id }, NOW);
      assert.ok(made.ok);
      const { id } = made.project;
      const names = ['in-project', 'in-sub', 'in-top', 'in-friends', 'in-guests', 'twice', 'over', 'nowhere'];
      const users: User[] = [maker];
      for (const name of names) users.push(await person(name));
      const userOf = (name: string) => users.find(({ username }) => username === name)!.id;
      const add = (
        type: 'project' | 'group',
        source: number,
        name: string,
        accessLevel: number,
        expiresAt: string | null = null,
      ) =>
        addMember(
          tx,
          { type, id: source },
          { userId: userOf(name), accessLevel, expiresAt, createdById: maker.id },
          NOW,
        );
      await add('project', id, 'in-project', 20, FUTURE);
      await add('group', sub.id, 'in-sub', 30);
      await add('group', top.id, 'in-top', 40);
      await add('group', friends.id, 'in-friends', 50);
      await add('group', guests.id, 'in-guests', 30);
      await add('project', id, 'twice', 10);
      await add('group', top.id, 'twice', 40);
      await add('project', id, 'over', 40, PAST);
      const share = { accessLevel: 20, expiresAt: null };
      const project = { type: 'project' as const, id, namespaceId: sub.id };
      assert.ok((await shareWith(tx, project, { groupId: friends.id, ...share }, NOW)).ok);
      const above = { type: 'group' as const, id: top.id, namespaceId: top.id };
      assert.ok((await shareWith(tx, above, { groupId: guests.id, ...share }, NOW)).ok);
      return { projectId: id, users };
    });
    const project = (await projectById(db.read, projectId))!;
    const levels = await levelsOn(db.read, project, NOW);
    const alone: Record<string, number> = {};
    for (const user of users) {
      const caller = { kind: 'user', user, tokenId: null, scopes: [] } as const;
      alone[user.username] = (await viewerOf(db.read, caller, project, NOW)).level;
    }
    const together = users.map(({ id, username }) => [username, levels.get(id) ?? 0]);
    assert.deepEqual(Object.fromEntries(together), alone);
    assert.deepEqual(Object.values(alone), [50, 20, 30, 40, 20, 20, 40, 0, 0]);
  });
});
