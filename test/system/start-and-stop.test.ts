import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { GitClient } from '../git-client.ts';
import { ScriptedRunner } from '../scripted-runner.ts';
import { freePort, runTeaspoon, spawnServer, teaspoon, temporaryDirectory } from '../spawn-server.ts';
import { ROOT_PASSWORD, ROOT_TOKEN } from '../start-server.ts';
import { until } from '../until.ts';

describe('the server process', () => {
  const directories: string[] = [];
  const directory = () => {
    const path = temporaryDirectory();
    directories.push(path);
    return path;
  };
  after(() => {
    for (const path of directories) rmSync(path, { recursive: true, force: true });
  });

  it('prints at its first start the URL, the credentials and the two commands that push, and never again', async () => {
    const [data, port] = [join(directory(), 'new'), await freePort()];
    const first = await spawnServer({ data, port });
    await first.end();
    for (const text of [
      `http://127.0.0.1:${port}\n`,
      ROOT_TOKEN,
      ROOT_PASSWORD,
      'git remote add',
      'git push teaspoon',
    ]) {
      assert.ok(first.output().includes(text), `${text} is not in ${first.output()}`);
    }
    const second = await spawnServer({ data, port });
    await second.end();
    assert.equal(second.output().includes(ROOT_TOKEN), false);
  });

  it('makes a token and a password when none is given', async () => {
    const [data, port] = [directory(), await freePort()];
    const server = await spawnServer({
      data,
      port,
      environment: { TEASPOON_ROOT_TOKEN: '', TEASPOON_ROOT_PASSWORD: '' },
    });
    const token = /token +(glpat-\S+)/.exec(server.output())?.[1] ?? '';
    const user = await server.api<{ username: string }>('GET', '/user', { token });
    await server.end();
    assert.equal(user.body.username, 'root');
  });

  it('keeps its data for its owner alone, and no secret in it as clear text', async () => {
    const [data, port] = [directory(), await freePort()];
    const server = await spawnServer({ data, port, environment: { TEASPOON_LOG_LEVEL: 'trace' } });
    await server.api('POST', '/projects', { body: { name: 'app' } });
    await server.api('POST', '/projects/root%2Fapp/variables', {
      body: { key: 'SECRET', value: 'very secret value' },
    });
    await server.end();
    assert.equal(statSync(data).mode & 0o777, 0o700);
    const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    assert.ok(files.length > 3);
    for (const file of files) {
      const content = readFileSync(join(file.parentPath, file.name), 'latin1');
      for (const secret of [ROOT_TOKEN, ROOT_PASSWORD, 'very secret value']) {
        assert.equal(content.includes(secret), false, `${secret} is in ${file.name}`);
      }
    }
    const afterFirstLines = server.output().split('git push teaspoon')[1] ?? '';
    assert.equal(afterFirstLines.includes(ROOT_TOKEN), false);
  });

  it('ends on SIGTERM with code 0 and can start again', async () => {
    const [data, port] = [directory(), await freePort()];
    for (const round of [1, 2]) {
      const server = await spawnServer({ data, port });
      assert.equal(await server.end('SIGTERM'), 0, `round ${round}`);
    }
  });

  it('ends running jobs of the built-in runner when it ends, within 10 seconds', async () => {
    const [data, port] = [directory(), await freePort()];
    const environment = { TEASPOON_RUNNER: 'on' };
    const server = await spawnServer({ data, port, environment });
    const git = new GitClient(join(data, 'work'));
    await git.ok('init', '-q', '.');
    await git.commit({ '.gitlab-ci.yml': 'long:\n  script: [echo begun, sleep 300]\n' });
    await git.ok('push', '-q', server.gitUrl('root/app'), 'main');
    const trace = '/projects/root%2Fapp/jobs/1/trace';
    await until('the job to print', async () =>
      (await server.api('GET', trace)).bytes.includes('begun\n') ? true : undefined,
    );
    const asked = performance.now();
    assert.equal(await server.end('SIGTERM'), 0);
    assert.ok(performance.now() - asked < 10_000);
    const again = await spawnServer({ data, port });
    const job = await again.api<{ status: string; failure_reason: string }>(
      'GET',
      '/projects/root%2Fapp/jobs/1',
    );
    const log = (await again.api('GET', trace)).bytes.toString();
    await again.end();
    assert.deepEqual([job.body.status, job.body.failure_reason], ['failed', 'runner_system_failure']);
    assert.match(log, /ERROR: Job failed: the runner was stopped/);
  });

  it('finishes a trace write that is under way when it ends, and hands out no more jobs', async () => {
    const [data, port] = [directory(), await freePort()];
    const server = await spawnServer({ data, port });
    await server.api('POST', '/projects', { body: { name: 'app', initialize_with_readme: true } });
    const content = 'a: {script: [x]}\nb: {script: [x]}';
    const file = { branch: 'main', commit_message: 'm', content };
    await server.api('POST', '/projects/root%2Fapp/repository/files/.gitlab-ci.yml', { body: file });
    const { body } = await server.api<{ token: string }>('POST', '/user/runners', {
      body: { runner_type: 'instance_type' },
    });
    const runner = new ScriptedRunner(server.url, body.token);
    const job = await runner.take();
    const log = Buffer.from('a line of the log\n');
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (part) => (answer += part));
    const closed = once(socket, 'close');
    socket.write(
      `PATCH /api/v4/jobs/${job.id}/trace HTTP/1.1\r\nHost: x\r\nJOB-TOKEN: ${job.token}\r\nContent-Type: text/plain\r\n` +
        `Content-Range: 0-${log.length - 1}\r\nContent-Length: ${log.length}\r\n\r\n`,
    );
    socket.write(log.subarray(0, 5));
    await server.api('GET', '/user'); // answered after the head of the other request arrived
    const code = server.end('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const request = JSON.stringify({ token: body.token });
    socket.write(log.subarray(5));
    socket.write(
      `POST /api/v4/jobs/request HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${request.length}\r\n\r\n${request}`,
    );
    await closed;
    assert.equal(await code, 0);
    assert.match(answer, /^HTTP\/1\.1 202 /);
    assert.doesNotMatch(answer, /HTTP\/1\.1 201 /);
    const again = await spawnServer({ data, port });
    const trace = await again.api('GET', `/projects/root%2Fapp/jobs/${job.id}/trace`);
    const jobs = await again.api<{ status: string }[]>('GET', '/projects/root%2Fapp/jobs?scope=pending');
    await again.end();
    assert.deepEqual([trace.bytes.toString(), jobs.body.length], [log.toString(), 1]);
  });

  it('lets a held job request go when it ends', async () => {
    const [data, port] = [directory(), await freePort()];
    const server = await spawnServer({ data, port });
    const { body } = await server.api<{ token: string }>('POST', '/user/runners', {
      body: { runner_type: 'instance_type' },
    });
    const request = (last_update?: string) =>
      server.api('POST', '/jobs/request', { token: null, body: { token: body.token, last_update } });
    const first = await request();
    const held = request(first.headers.get('x-gitlab-last-update') ?? '');
    await server.api('GET', '/user'); // answered after the other request arrived
    const code = server.end('SIGTERM');
    assert.equal((await held).status, 204);
    assert.equal(await code, 0);
  });

  const refused: [
    what: string,
    prepare: (data: string, port: number) => Promise<[Record<string, string>, () => unknown]>,
    message: RegExp,
    code?: number,
  ][] = [
    [
      'a data directory that cannot be made',
      async (data) => {
        writeFileSync(join(data, 'file'), '');
        return [{ TEASPOON_DATA: join(data, 'file', 'data') }, () => {}];
      },
      /^The data directory .* cannot be written \(\w+\)\..*TEASPOON_DATA\.\n$/,
    ],
    [
      'a port that is taken',
      async (_, port) => {
        const other = createServer().listen(port, '127.0.0.1');
        return [{}, () => other.close()];
      },
      /^The address 127\.0\.0\.1:\d+ is taken .*TEASPOON_PORT\.\n$/,
    ],
    [
      'a data directory that another server uses',
      async (data) => {
        const other = await spawnServer({ data, port: await freePort() });
        return [{}, () => other.end()];
      },
      /^Another Teaspoon server uses the data directory .*TEASPOON_DATA\.\n$/,
    ],
    [
      'a database of a newer version',
      async (data) => {
        const port = await freePort();
        await (await spawnServer({ data, port })).end();
        const database = new DatabaseSync(join(data, 'teaspoon.sqlite'));
        database.exec("insert into migrations values ('9999-later')");
        database.close();
        return [{}, () => {}];
      },
      /^The database was upgraded by a newer version of Teaspoon .*\n$/,
    ],
    [
      'a file that is no database',
      async (data) => {
        writeFileSync(join(data, 'teaspoon.sqlite'), 'something else entirely'.repeat(100));
        return [{}, () => {}];
      },
      /^The database .* is damaged \(file is not a database\)\. .*teaspoon restore\.\n$/,
    ],
    [
      'a directory whose database was lost',
      async (data) => {
        mkdirSync(join(data, 'repositories', '1.git'), { recursive: true });
        return [{}, () => {}];
      },
      /^The data directory .* holds repositories, but the database is empty\. .*teaspoon restore\.\n$/,
    ],
    [
      'a PostgreSQL that does not answer',
      async (_, port) => [
        { TEASPOON_DATABASE_URL: `postgres://nobody@127.0.0.1:${port + 1}/none` },
        () => {},
      ],
      /^PostgreSQL on 127\.0\.0\.1 cannot be reached .*TEASPOON_DATABASE_URL\.\n$/,
    ],
    [
      'a setting that makes no sense',
      async () => [{ TEASPOON_RUNNER: 'perhaps' }, () => {}],
      /^TEASPOON_RUNNER must be on or off, not "perhaps"\.\n$/,
      2,
    ],
  ];
  for (const [what, prepare, message, code = 1] of refused) {
    it(`refuses ${what} with one clear sentence and a non-zero exit`, async () => {
      const [data, port] = [directory(), await freePort()];
      const [environment, undo] = await prepare(data, port);
      const result = await teaspoon(['serve'], {
        TEASPOON_DATA: data,
        TEASPOON_PORT: String(port),
        TEASPOON_RUNNER: 'off',
        ...environment,
      });
      await undo();
      assert.equal(result.code, code);
      assert.match(result.output, message);
    });
  }

  it('tells about itself and its commands', async () => {
    const help = await teaspoon(['--help']);
    assert.equal(help.code, 0);
    assert.match(help.output, /TEASPOON_DATABASE_URL/);
    assert.match((await teaspoon(['version'])).output, /^\d+\.\d+\.\d+\n$/);
    const unknown = await teaspoon(['sevre']);
    assert.equal(unknown.code, 2);
    assert.match(unknown.output, /There is no command "sevre"\. See teaspoon --help\./);
  });

  for (const command of ['', 'demo', 'runner', 'run', 'lint', 'token', 'backup', 'restore']) {
    it(`tells who words ${command || 'serve'} wrongly where to read`, async () => {
      const { code, output } = await teaspoon([...(command ? [command] : []), '--colour']);
      const help = ['', 'demo'].includes(command) ? 'teaspoon' : `teaspoon ${command}`;
      assert.deepEqual([code, output], [2, `Unknown option '--colour'. See ${help} --help.\n`]);
    });
  }

  it('runs the demo to a green pipeline, with plain lines where there is no terminal', async () => {
    const [data, port] = [directory(), await freePort()];
    const environment = { TEASPOON_DATA: data, TEASPOON_PORT: String(port) };
    const { child, output } = runTeaspoon(['demo'], environment);
    await until('the end of the demo', async () => (output().includes('keeps serving') ? true : undefined));
    const answer = await fetch(`http://127.0.0.1:${port}/-/liveness`);
    assert.equal(answer.status, 200);
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
    assert.equal(child.exitCode, 0);
    assert.match(output(), /The pipeline is green: success\./);
    assert.match(output(), /Artifact dist\/greeting\.txt of the job build: Hello from sample-\w+ on /);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
    assert.doesNotMatch(output(), /\x1b/);
    assert.equal(existsSync(join(data, 'teaspoon.sqlite')), true);
  });

  it('is built as few files that run without the sources: npm start and npm run demo', async () => {
    const place = directory();
    const words = [
      'node_modules/rolldown/bin/cli.mjs',
      '-c',
      'rolldown.config.ts',
      '--dir',
      join(place, 'dist'),
    ];
    execFileSync(process.execPath, words, { stdio: 'pipe' });
    cpSync('demo', join(place, 'demo'), { recursive: true });
    const main = join(place, 'dist', 'main.js');
    const environment = { TEASPOON_DATA: join(place, 'data'), TEASPOON_PORT: String(await freePort()) };
    const { child, output } = runTeaspoon(['demo'], environment, main);
    await until('the end of the demo', async () => (output().includes('keeps serving') ? true : undefined));
    child.kill('SIGTERM');
    await once(child, 'exit');
    assert.equal(child.exitCode, 0);
    assert.match(output(), /The pipeline is green: success\./);
  });
});
