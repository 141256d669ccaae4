import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import manifest from '../../package.json' with { type: 'json' };
import { GitClient } from '../git-client.ts';
import { ROOT_TOKEN, startTestServer, type TestServer } from '../start-server.ts';
import { untilPipelineIs } from '../until.ts';

/** The commands of a document's `sh` blocks, comments and empty lines left out. */
function commandsOf(path: string): string[] {
  const blocks = readFileSync(path, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```/gm);
  return [...blocks].flatMap(([, block]) =>
    block!
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== ''),
  );
}

/**
 * Commands that start something long, or run this very test: what they name is looked up instead. The demo itself is run
 * by start-and-stop.test.ts.
 */
function namesAScript(command: string): string | undefined {
  return /^(?:DB=\w+ )?(?:npm ci && )?npm (?:run )?(demo|start|test|dev|teaspoon)\b/.exec(command)?.[1];
}

describe('the commands of the documents', () => {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-documents-'));
  let server: TestServer;
  let drop: () => Promise<void>;

  before(async () => {
    ({ server, drop } = await startTestServer('sqlite', { runner: 'on' }));
    const git = new GitClient(directory);
    await git.ok('init', '-q', '.');
    await git.commit({ '.gitlab-ci.yml': 'one:\n  script: echo one > out\n  artifacts: {paths: [out]}\n' });
  });
  after(async () => {
    await drop();
    rmSync(directory, { recursive: true });
  });

  /** The command with this server's address and token, as a reader fills them in. */
  const filledIn = (command: string) =>
    command
      .replaceAll('http://127.0.0.1:8929', server.url)
      .replaceAll('127.0.0.1:8929', new URL(server.url).host)
      .replaceAll('<token>', ROOT_TOKEN)
      .replace(/^curl /, 'curl --fail --silent --show-error ');

  const commands = [
    ...new Set(['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md')].flatMap(commandsOf)),
  ];

  it('are there', () => assert.ok(commands.length >= 10, `${commands.length} commands`));

  for (const command of commands) {
    const script = namesAScript(command);
    if (script !== undefined) {
      it(`name a script that exists: ${command}`, () => assert.ok(script in manifest.scripts));
    } else if (command === 'npm ci') {
      it('install from a lock file', () => assert.ok(existsSync('package-lock.json')));
    } else if (command.startsWith('npx node --test ')) {
      it(`work: ${command}`, () => {
        const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
        execFileSync(process.execPath, command.split(' ').slice(2), { stdio: 'pipe', env: environment });
      });
    } else {
      const skip = command.startsWith('gitlab-runner ') && 'run by test/clients/gitlab-runner.test.ts';
      it(`work: ${command}`, { skip }, async () => {
        // What a reader looks at next is there once the pipeline has ended.
        if (/\/jobs\/1\//.test(command)) await untilPipelineIs(server, '/projects/root%2Fapp', 1, 'success');
        await promisify(execFile)('bash', ['-c', filledIn(command)], { cwd: directory });
      });
    }
  }
});
