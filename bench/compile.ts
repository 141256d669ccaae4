/**
 * Compiling 500 and 5,000 jobs with extends, needs and a matrix, in a warm process (budget: 500 jobs <= 50 ms), beside
 * gitlab-ci-local's cold command line that lists the same jobs (budget: <= 0.5 of it), as our own cold command line is.
 * Work must grow with the text: ten times the jobs take about ten times as long.
 *
 *     node bench/compile.ts [rounds]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../src/config/compile.ts';
import type { ConfigFiles } from '../src/config/files.ts';

const ROUNDS = Number(process.argv[2] ?? 9);
const MAIN = new URL('../src/main.ts', import.meta.url).pathname;
const PEER = new URL('../node_modules/.bin/gitlab-ci-local', import.meta.url).pathname;
/** Jobs that one chain of the generated configuration has, its matrix counted out. */
const CHAIN = 5;

/** A configuration of `count` jobs: chains of a build, a matrix of three tests, and a deployment. */
function configuration(count: number): string {
  const lines = [
    'stages: [build, test, deploy]',
    '.base: {image: "node:24", variables: {MODE: ci}, before_script: [echo prepare]}',
    '.tested: {extends: .base, stage: test, retry: 1}',
  ];
  for (let chain = 0; chain < count / CHAIN; chain++) {
    lines.push(
      `build-${chain}: {extends: .base, stage: build, script: [make ${chain}], artifacts: {paths: [out/]}}`,
      `test-${chain}:`,
      '  extends: .tested',
      '  script: [make test]',
      `  needs: [build-${chain}]`,
      '  parallel: {matrix: [{DATABASE: [sqlite, postgres, mysql]}]}',
      `deploy-${chain}: {extends: .base, stage: deploy, script: [ship], needs: [build-${chain}], rules: [{if: $CI_COMMIT_TAG}, {when: manual}]}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const files = {
  changedPaths: async () => ({ ok: true, value: null }),
  urls: () => null,
} as unknown as ConfigFiles;

/** The median of some measurements, in milliseconds. */
function median(times: number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** The median time of some rounds, after as many that nobody counts. */
async function warm(text: string, jobs: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS * 2; round++) {
    const start = performance.now();
    const context = { project: 'group/app', sha: null };
    const result = await compile(text, { files, context, variables: new Map() });
    const time = performance.now() - start;
    if (!result.ok || result.config.jobs.length !== jobs)
      throw new Error(JSON.stringify(result).slice(0, 500));
    if (round >= ROUNDS) times.push(time);
  }
  return median(times);
}

/** A cold command line; it must succeed. */
function cold(directory: string, program: string, words: string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(program, words, { cwd: directory, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${stderr.slice(0, 500)}`);
  return performance.now() - start;
}

function printRow(what: string, milliseconds: number, note: string): void {
  console.log(`${what.padEnd(44)}${milliseconds.toFixed(1).padStart(9)} ms   ${note}`);
}

const directory = mkdtempSync(join(tmpdir(), 'teaspoon-bench-'));
try {
  spawnSync('git', ['init', '--quiet'], { cwd: directory });
  spawnSync('git', ['remote', 'add', 'origin', 'git@gitlab.com:group/app.git'], { cwd: directory });
  const text = configuration(500);
  writeFileSync(join(directory, '.gitlab-ci.yml'), text);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < 3; round++) {
    ours.push(cold(directory, process.execPath, [MAIN, 'lint']));
    theirs.push(cold(directory, process.execPath, [PEER, '--list-json']));
  }
  const small = await warm(text, 500);
  const large = await warm(configuration(5000), 5000);
  printRow('500 jobs, warm', small, `budget 50 ms: ${small <= 50 ? 'kept' : 'missed'}`);
  printRow('5,000 jobs, warm', large, `${(large / small / 10).toFixed(2)} of linear`);
  printRow('500 jobs, teaspoon lint, cold', median(ours), '');
  printRow('500 jobs, gitlab-ci-local --list-json, cold', median(theirs), '');
  const ratio = (time: number) => (time / median(theirs)).toFixed(3);
  console.log(`of gitlab-ci-local's time: warm ${ratio(small)}, cold ${ratio(median(ours))} (budget 0.5)`);
} finally {
  rmSync(directory, { recursive: true });
}
