import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, it } from 'node:test';
import { promisify } from 'node:util';
import { onOneServer } from '../start-server.ts';
import { openClientSite, siteForScripts } from './client-site.ts';
import { rubyGitlab } from './installed.ts';

const SCRIPT = new URL('ruby-gitlab.rb', import.meta.url).pathname;
const run = promisify(execFile);
const promises = [...readFileSync(SCRIPT, 'utf8').matchAll(/^ {2}'(.+)' => lambda/gm)].map(
  (found) => found[1]!,
);
assert.ok(promises.length > 8);

onOneServer('ruby-gitlab', (start) => {
  let results: Promise<Record<string, string | null>> | undefined;
  const opened = () => {
    results ??= start().then(async (server) => {
      const site = await openClientSite(server);
      const { PATH = '' } = process.env;
      const env = { PATH, SITE: siteForScripts(site), LC_ALL: 'C.UTF-8' };
      const { stdout } = await run(rubyGitlab.command, [SCRIPT], { env, timeout: 60_000 });
      site.close();
      return JSON.parse(stdout) as Record<string, string | null>;
    });
    return results;
  };
  after(async () => void (await results));
  for (const promise of promises) {
    it(promise, { skip: rubyGitlab.skip }, async () => {
      assert.equal((await opened())[promise], null);
    });
  }
});
