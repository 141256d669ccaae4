import { after, it } from 'node:test';
import type { Engine } from '../databases.ts';
import { type Flags, forEachServer, type TestServer } from '../start-server.ts';
import { BuiltinRunner } from './builtin-runner-program.ts';
import { GitlabRunner, WITHOUT_GITLAB_RUNNER } from './gitlab-runner-program.ts';
import type { RunnerProgram } from './runner-program.ts';
import { RunnerSite } from './runner-site.ts';

/** A make of runner. */
export interface Make {
  name: string;
  make: () => RunnerProgram;
  /** Why its tests are skipped, loudly and by name; false where the program is there. */
  skip: string | false;
}

export const MAKES: readonly Make[] = [
  { name: 'the unmodified gitlab-runner', make: () => new GitlabRunner(), skip: WITHOUT_GITLAB_RUNNER },
  { name: 'the built-in runner', make: () => new BuiltinRunner(), skip: false },
];

/** What a suite of one make on one engine is given. */
export interface MakeSuite {
  make: Make;
  engine: Engine;
  /** The suite's server with its runners; started by the first test that is not skipped. */
  site: () => Promise<RunnerSite>;
  /** A test with the make's program. */
  test: (promise: string, work: () => Promise<void>, timeoutMs?: number) => void;
}

/** Runs the same suite for each make of runner on each engine. */
export function forEachMake(name: string, suite: (suite: MakeSuite) => void): void {
  for (const make of MAKES) {
    forEachServer(`${make.name} ${name}`, (start: (flags?: Flags) => Promise<TestServer>, engine) => {
      let opened: Promise<RunnerSite> | undefined;
      after(async () => (await opened)?.leave());
      suite({
        make,
        engine,
        site: () => {
          opened ??= start().then((server) => new RunnerSite(server, make.make));
          return opened;
        },
        test: testOf(make),
      });
    });
  }
}

/** Declares tests with a make's program, for suites that start servers of their own. */
export function testOf(make: Make): MakeSuite['test'] {
  return (promise, work, timeoutMs = 180_000) => {
    it(promise, { skip: make.skip, timeout: timeoutMs }, work);
  };
}
