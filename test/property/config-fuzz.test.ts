/**
 * Mutated configurations: of the conformance cases, and of real ones where a corpus lies beside the repository. Whatever
 * the text, it compiles or is refused with a message, soon. `TEASPOON_FUZZ=100000` tries as many, `TEASPOON_FUZZ_SEED`
 * repeats a run; every failure names its seed and number.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compile } from '../../src/config/compile.ts';
import { evaluateWorkflow, firstMatchingRule } from '../../src/config/evaluate-rules.ts';
import { memoryFiles, PROJECT } from '../config-files.ts';
import { PIECES } from './pieces.ts';

const COUNT = Number(process.env.TEASPOON_FUZZ ?? 2_000);
const SEED = Number(process.env.TEASPOON_FUZZ_SEED ?? Date.now() % 1_000_000_000);
/** Milliseconds that no text may take. */
const PATIENCE = 1_000;
/** Longer texts are cut: many short ones find more than a few long ones. */
const MAX_LENGTH = 12_000;

const CASES = join(import.meta.dirname, '../conformance/ci-yaml/cases');
const CORPUS = join(import.meta.dirname, '../../../shared/corpus');

const seeds = [CASES, ...(existsSync(CORPUS) ? [CORPUS] : [])]
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  )
  .filter((path) => /\.ya?ml$/.test(path) && !path.endsWith('case.yml'))
  .sort()
  .map((path) => readFileSync(path, 'utf8').slice(0, MAX_LENGTH));

/** A small generator of numbers in [0, 1): the same seed gives the same texts anywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;
type Mutation = (text: string, random: Random) => string;

const below = (random: Random, limit: number) => Math.floor(random() * limit);
const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]!;

function onLines(change: (lines: string[], random: Random) => void): Mutation {
  return (text, random) => {
    const lines = text.split('\n');
    change(lines, random);
    return lines.join('\n');
  };
}

const MUTATIONS: readonly Mutation[] = [
  (text, random) => splice(text, below(random, text.length), below(random, 6), pick(random, PIECES)),
  (text, random) => splice(text, below(random, text.length), 1 + below(random, 20), ''),
  (text, random) => splice(text, below(random, text.length), 1, String.fromCharCode(below(random, 128))),
  onLines((lines, random) => void lines.splice(below(random, lines.length), 1 + below(random, 3))),
  onLines((lines, random) => void lines.splice(below(random, lines.length), 0, pick(random, lines))),
  onLines((lines, random) => {
    const from = below(random, lines.length);
    const block = lines.slice(from, from + 1 + below(random, 8));
    lines.splice(below(random, lines.length), 0, ...block);
  }),
  onLines((lines, random) => {
    const at = below(random, lines.length);
    lines[at] = ' '.repeat(below(random, 9)) + lines[at]!.trimStart();
  }),
  onLines((lines, random) => {
    const other = pick(random, seeds).split('\n');
    const from = below(random, other.length);
    lines.splice(
      below(random, lines.length),
      below(random, 3),
      ...other.slice(from, from + 1 + below(random, 12)),
    );
  }),
  onLines((lines, random) => {
    const at = below(random, lines.length);
    lines[at] = lines[at]!.replace(/:.*/, `: ${pick(random, PIECES)}`);
  }),
];

function splice(text: string, at: number, remove: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at + remove);
}

function textNumber(number: number): string {
  const random = randomFrom(SEED + number);
  let text = pick(random, seeds);
  for (let round = 1 + below(random, 5); round > 0; round--) text = pick(random, MUTATIONS)(text, random);
  return text;
}

/** Compiles a text and asks its rules; throws for what no text may cause. */
async function endure(text: string): Promise<void> {
  const files = memoryFiles({ tree: { 'a.yml': text, '.gitlab-ci.yml': text } });
  const variables = new Map([['CI_COMMIT_BRANCH', 'main']]);
  const result = await compile(text, { files, context: PROJECT, variables });
  if (!result.ok) {
    assert.notEqual(result.errors.length, 0, 'refused without an error');
    for (const { message } of result.errors) assert.ok(message.length < 20_000, 'a message without end');
    return;
  }
  assert.equal(typeof result.mergedYaml, 'string');
  assert.equal(typeof JSON.stringify(result.config), 'string');
  const about = { variables, expanded: () => variables, files, context: PROJECT };
  await evaluateWorkflow(result.config.workflow, about);
  for (const { rules } of result.config.jobs) if (rules !== null) await firstMatchingRule(rules, about);
}

test(`${COUNT} mutated configurations are endured (seed ${SEED})`, async () => {
  assert.ok(seeds.length > 100, `only ${seeds.length} seeds`);
  for (let number = 0; number < COUNT; number++) {
    const text = textNumber(number);
    const where = `TEASPOON_FUZZ_SEED=${SEED}, text ${number}`;
    let best = Number.POSITIVE_INFINITY;
    // A busy machine may make one run slow, but not three.
    for (let attempt = 0; attempt < 3 && best > PATIENCE; attempt++) {
      const start = performance.now();
      await endure(text).catch((error: unknown) => {
        throw new Error(`${where}:\n${text}`, { cause: error });
      });
      best = Math.min(best, performance.now() - start);
    }
    assert.ok(best <= PATIENCE, `${where} took ${best} ms:\n${text}`);
  }
});
