import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { forEachServer, ROOT_TOKEN } from '../../start-server.ts';
import { type CaseFile, readCases, stepsOf } from './case.ts';
import { play } from './play.ts';
import { type Target, targetOfEnvironment } from './target.ts';
import { type CaseProject, World } from './world.ts';

const names = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.yml'));
assert.ok(names.length >= 8, `only ${names.length} files of cases`);
const files = names.map((name) => [name, readCases(new URL(name, import.meta.url))] as const);

const given = targetOfEnvironment();
const elsewhere = given !== null && process.env.CONFORMANCE_OURS === undefined;
if (given === null) {
  forEachServer('jobs-api', (start) => {
    suite(async () => ({ url: (await start()).url, token: ROOT_TOKEN }));
  });
} else {
  describe(`jobs-api at ${given.url}`, () => suite(async () => given));
}

function suite(target: () => Promise<Target>): void {
  let opened: Promise<World> | undefined;
  const world = () => {
    opened ??= target().then((found) => World.open(found));
    return opened;
  };
  after(async () => (await opened)?.close());
  for (const [name, file] of files) describe(name, () => cases(file, world));
}

function cases(file: CaseFile, world: () => Promise<World>): void {
  let shared: Promise<CaseProject> | undefined;
  for (const [index, c] of file.cases.entries()) {
    const skip = c.ours === true && elsewhere && 'asked of Teaspoon alone';
    it(c.name, { skip }, async () => {
      shared ??= world().then((opened) => sharedProject(file, opened));
      let project = (await shared).fork();
      if (c.project !== undefined) {
        project = await (await world()).addProject({ ...file.project, ...c.project });
      }
      if (c.config !== undefined) await project.pipeline(c.config, c.ref ?? `case-${index}`, c.files);
      for (const [at, step] of stepsOf(c).entries()) await play(project, step, `step ${at + 1}`);
    });
  }
}

async function sharedProject(file: CaseFile, world: World): Promise<CaseProject> {
  const project = await world.addProject(file.project);
  if (file.config !== undefined) await project.pipeline(file.config, file.ref ?? 'main');
  for (const [at, step] of (file.setup ?? []).entries()) await play(project, step, `setup ${at + 1}`);
  return project;
}
