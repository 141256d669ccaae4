import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { promisify } from 'node:util';
import { forEachServer } from '../start-server.ts';
import { openClientSite, siteForScripts } from './client-site.ts';

const VERSION = '8.6.0';
const SCRIPT = new URL('python-gitlab.py', import.meta.url).pathname;
const run = promisify(execFile);
const promises = [...readFileSync(SCRIPT, 'utf8').matchAll(/^def (promise_\w+)/gm)].map((found) => found[1]!);
assert.ok(promises.length > 10);

/** A Python with python-gitlab, installed once into the user's cache; null and why where that cannot be. */
async function findPython(): Promise<{ python: string } | { why: string }> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'teaspoon-tests');
  const directory = join(cache, `python-gitlab-${VERSION}`);
  const python = join(directory, 'bin', 'python');
  if (existsSync(python)) return { python };
  const fresh = `${directory}.${process.pid}`;
  try {
    mkdirSync(cache, { recursive: true });
    await run('python3', ['-m', 'venv', fresh]);
    await run(join(fresh, 'bin', 'python'), ['-m', 'pip', 'install', '-q', `python-gitlab==${VERSION}`]);
    renameSync(fresh, directory);
    return { python };
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    return { why: `no python-gitlab ${VERSION}: ${(error as Error).message.split('\n')[0]}` };
  }
}

const found = await findPython();
const skip = 'why' in found && found.why;

forEachServer('python-gitlab', (start) => {
  let results: Promise<Record<string, string | null>> | undefined;
  const opened = () => {
    results ??= start().then(async (server) => {
      const site = await openClientSite(server);
      const env = { PATH: process.env.PATH, SITE: siteForScripts(site), PYTHONIOENCODING: 'utf-8' };
      const { stdout } = await run((found as { python: string }).python, [SCRIPT], { env });
      site.close();
      return JSON.parse(stdout) as Record<string, string | null>;
    });
    return results;
  };
  after(async () => void (await results));
  for (const promise of promises) {
    it(promise.replace('promise_', '').replaceAll('_', ' '), { skip }, async () => {
      assert.equal((await opened())[promise], null);
    });
  }
});
