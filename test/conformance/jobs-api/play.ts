import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { craftZip } from '../../craft-zip.ts';
import type { Held } from '../../scripted-runner.ts';
import { until } from '../../until.ts';
import type { Step } from './case.ts';
import { compare, fill } from './match.ts';
import { send } from './send.ts';
import type { CaseProject } from './world.ts';

/** What `$million` stands for: a million characters. */
const MILLION = 'x'.repeat(1_000_000);

/** Does what a step says and asserts what it expects. */
export async function play(project: CaseProject, step: Step, where: string): Promise<void> {
  if (step.run !== undefined) await command(project, step.run, step.with ?? {});
  if (step.pipeline !== undefined) await project.pipeline(step.pipeline, step.ref ?? 'main');
  if (step.send !== undefined) await exchange(project, step, where);
}

/** `take a`, `append a`, `succeed a`, `fail a`, `upload a`, `jobs`. */
async function command(project: CaseProject, said: string, options: Record<string, unknown>): Promise<void> {
  const [verb, ...rest] = said.split(' ');
  const name = rest.join(' ');
  const { runner } = project;
  if (verb === 'jobs') return project.nameJobs();
  if (verb === 'plain') {
    const features = { ...runner.info.features, cancel_gracefully: false, cancelable: false };
    runner.info = { ...runner.info, features };
    return;
  }
  const job = await project.take(name);
  const reply = await (async () => {
    switch (verb) {
      case 'take':
        for (const [key, value] of Object.entries(options)) {
          compare(told(job, key), value, `${said}: ${key}`, false);
        }
        return null;
      case 'append':
        return runner.append(job, String(options.text ?? `${name}\n`));
      case 'succeed':
        return runner.succeed(job);
      case 'fail':
        return runner.fail(job, (options.reason as string) ?? 'script_failure');
      case 'upload':
        return runner.upload(job, uploadOf(options));
      default:
        throw new Error(`unknown command ${said}`);
    }
  })();
  if (reply !== null) assert.ok(reply.status < 300, `${said}: ${reply.status} ${reply.body}`);
  if (verb === 'succeed' || verb === 'fail') project.held.delete(name);
}

/** What a runner is told of a job, by name: its `variables` or its `inputs`. */
function told({ payload }: Held, what: string): Record<string, unknown> {
  const { variables, inputs } = payload;
  if (what === 'variables') return Object.fromEntries(variables.map(({ key, value }) => [key, value]));
  if (what === 'inputs') return Object.fromEntries(inputs.map(({ key, value }) => [key, value.content]));
  throw new Error(`take tells nothing of ${what}`);
}

interface Upload {
  files?: Record<string, string>;
  gzip?: string;
  type?: string;
  format?: string;
  filename?: string;
  expire_in?: string;
}

function uploadOf(options: Upload) {
  const { files, gzip, type, format, filename, expire_in } = options;
  const bytes =
    gzip === undefined
      ? craftZip(Object.entries(files ?? {}).map(([name, data]) => ({ name, data })))
      : gzipSync(gzip);
  return {
    bytes,
    ...(type === undefined ? {} : { type }),
    ...(format === undefined ? {} : { format }),
    ...(filename === undefined ? {} : { filename }),
    ...(expire_in === undefined ? {} : { expireIn: expire_in }),
  };
}

async function exchange(project: CaseProject, step: Step, where: string): Promise<void> {
  if (step.callers === undefined) {
    await request(project, step, step.as ?? 'owner', where);
    return;
  }
  for (const [caller, status] of Object.entries(step.callers)) {
    await request(project, { ...step, status }, caller, `${where}, as ${caller}`);
  }
}

/** Credentials by the name of a caller: a user, `job:<name>` for the token of a held job, `nobody`, `bad`. */
function credentials(project: CaseProject, caller: string): Record<string, string> {
  if (caller === 'nobody') return {};
  if (caller === 'bad') return { 'private-token': 'glpat-of-nobody-at-all' };
  const [kind, name] = caller.split(':');
  if (name === undefined) return { 'private-token': tokenOf(project, caller) };
  if (kind === 'bearer') return { authorization: `Bearer ${tokenOf(project, name)}` };
  const job = project.held.get(name);
  if (job === undefined) throw new Error(`the runner does not hold ${name}`);
  if (kind === 'job-bearer') return { authorization: `Bearer ${job.token}` };
  return kind === 'job-as-user' ? { 'private-token': job.token } : { 'job-token': job.token };
}

function tokenOf(project: CaseProject, name: string): string {
  const token = project.world.tokens.get(name);
  if (token === undefined) throw new Error(`nobody is called ${name}`);
  return token;
}

/** What is at a place of a body, such as `id` or `0.id`. */
function at(body: unknown, place: string): string | number {
  const found = place.split('.').reduce((value, key) => (value as Record<string, unknown>)[key], body);
  return found as string | number;
}

/** `P` is the project in the API, `W` its pages; everything else is the API's, but what begins with `/-/`. */
function addressOf({ id, path }: CaseProject, said: string): string {
  if (said.startsWith('/-/')) return said;
  if (said.startsWith('W/')) return `/${path}${said.slice(1)}`;
  return `/api/v4${said.replace(/^P/, `/projects/${id}`)}`;
}

async function request(project: CaseProject, given: Step, caller: string, where: string): Promise<void> {
  for (const [name, job] of project.held) project.names[`token_${name}`] = job.token;
  const step = fill(given, { ...project.names, million: MILLION });
  const [method = 'GET', path = ''] = step.send!.split(/ (.*)/s);
  const ask = () =>
    send(project.world.target.url, {
      method,
      path: addressOf(project, path),
      body: step.body,
      headers: { ...credentials(project, caller), ...step.headers },
    });
  if (step.until !== undefined) {
    await until(where, async () => {
      const answer = await ask();
      try {
        compare(answer.json, step.until, where, false);
        return true;
      } catch {
        return undefined;
      }
    });
  }
  const answer = await ask();
  const said = `${where}: ${step.send}: ${answer.text.slice(0, 600)}`;
  if (step.status !== undefined) assert.equal(answer.status, step.status, said);
  const body = answer.json ?? answer.text;
  if (step.is !== undefined) compare(body, step.is, `${where}: body`, true);
  if (step.has !== undefined) compare(body, step.has, `${where}: body`, false);
  if (step.text !== undefined) assert.equal(answer.text, step.text, said);
  if (step.names !== undefined) {
    assert.deepEqual(
      (body as { name: string }[]).map(({ name }) => name),
      step.names,
      said,
    );
  }
  for (const [name, value] of Object.entries(step.answers ?? {})) {
    compare(answer.headers[name] ?? null, value, `${where}: header ${name}`, true);
  }
  for (const [name, key] of Object.entries(step.keep ?? {})) {
    project.names[name] = at(answer.json, key);
  }
}
