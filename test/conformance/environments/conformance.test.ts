import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { forEachServer, ROOT_TOKEN } from '../../start-server.ts';
import { type CaseFile, readCases, stepsOf } from '../jobs-api/case.ts';
import { play } from '../jobs-api/play.ts';
import { World } from '../jobs-api/world.ts';

const names = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.yml'));
assert.ok(names.length >= 4, `only ${names.length} files of cases`);

/** Each case has a project of its own: what was deployed before decides what happens next. */
forEachServer('environments', (start) => {
  let opened: Promise<World> | undefined;
  const world = () => {
    opened ??= start().then(({ url }) => World.open({ url, token: ROOT_TOKEN }));
    return opened;
  };
  after(async () => (await opened)?.close());
  for (const name of names) {
    describe(name, () => cases(readCases(new URL(name, import.meta.url)), world));
  }
});

function cases(file: CaseFile, world: () => Promise<World>): void {
  for (const c of file.cases) {
    it(c.name, async () => {
      const project = await (await world()).addProject({ ...file.project, ...c.project });
      const config = c.config ?? file.config;
      if (config !== undefined) await project.pipeline(config, c.ref ?? file.ref ?? 'main');
      for (const [at, step] of (file.setup ?? []).entries()) await play(project, step, `setup ${at + 1}`);
      for (const [at, step] of stepsOf(c).entries()) await play(project, step, `step ${at + 1}`);
    });
  }
}
