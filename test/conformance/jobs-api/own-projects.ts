import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { forEachServer, ROOT_TOKEN } from '../../start-server.ts';
import { type CaseFile, readCases, stepsOf } from './case.ts';
import { play } from './play.ts';
import { World } from './world.ts';

/**
 * Plays the files of cases beside `suite` (the URL of a test file), at least `least` of them, on each engine. Each case has a
 * project of its own, because what happened in it before decides what happens next.
 */
export function casesInOwnProjects(title: string, suite: string, least: number): void {
  const names = readdirSync(new URL('.', suite)).filter((name) => name.endsWith('.yml'));
  assert.ok(names.length >= least, `only ${names.length} files of cases`);
  forEachServer(title, (start) => {
    let opened: Promise<World> | undefined;
    const world = () => {
      opened ??= start().then(({ url }) => World.open({ url, token: ROOT_TOKEN }));
      return opened;
    };
    after(async () => (await opened)?.close());
    for (const name of names) describe(name, () => cases(readCases(new URL(name, suite)), world));
  });
}

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
