import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { lintEntity } from './api/entities/lint.ts';
import { compile } from './config/compile.ts';
import type { CompileResult, ConfigMessage } from './config/compiled.ts';
import { reportEnd, reportMessage } from './lint-report.ts';
import { git, WorkingTree } from './lint-tree.ts';
import { understood } from './settings.ts';
import { StartError } from './start-error.ts';

const HELP = `Usage: teaspoon lint [FILE] [options]

Checks a CI configuration where it lies, without a server: .gitlab-ci.yml of this directory or of its repository, or
FILE; - reads it from the standard input. Local includes are read from the working tree. What lies elsewhere (include
of a project, a URL, a template or a component) cannot be read offline and is an error.

  --variable KEY=VALUE   a CI/CD variable that include and its rules see; may be repeated
  --json                 the answer as the lint API gives it

Exit code: 0 valid, 1 not valid, 2 wrong words.
`;

const DEFAULT_FILE = '.gitlab-ci.yml';

/** A configuration and where it lies. */
interface Found {
  text: string;
  /** Path within the tree. */
  path: string;
  tree: WorkingTree;
  branch: string | null;
}

/** The command `teaspoon lint`. Throws SettingsError for wrong words, StartError for a file that is not there. */
export async function lintFile(words: string[]): Promise<number> {
  const { file, variables, json, help } = understood(() => readWords(words), 'teaspoon lint');
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  const found = await find(file);
  const result = await compile(found.text, {
    files: found.tree,
    context: { project: basename(process.cwd()), sha: null },
    path: found.path,
    variables: new Map([...branchVariables(found.branch), ...variables]),
  });
  process.stdout.write(json ? asJson(result) : asText(result, found));
  return result.ok ? 0 : 1;
}

function readWords(words: string[]) {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      variable: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (positionals.length > 1) throw new Error('Only one file can be checked at a time');
  const variables = values.variable.map((pair): [string, string] => {
    const [, key, value] = /^(\w+)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined) throw new Error(`--variable ${pair} is not KEY=VALUE`);
    return [key, value];
  });
  return { file: positionals[0], variables, json: values.json, help: values.help };
}

async function find(file: string | undefined): Promise<Found> {
  const given = file === undefined || file === '-' ? null : resolve(file);
  const directory = await realpath(given === null ? process.cwd() : dirname(given)).catch(() => {
    throw new StartError(`There is no file ${file}.`);
  });
  const repository = await git(directory, 'rev-parse', '--show-toplevel');
  const root = repository === null ? directory : await realpath(repository);
  const tree = new WorkingTree(root);
  const branch = repository === null ? null : await git(root, 'symbolic-ref', '--short', '-q', 'HEAD');
  if (file === '-') return { ...(await keep(tree, DEFAULT_FILE, await readAll(process.stdin))), branch };
  const candidates =
    given === null
      ? [directory, root].map((one) => join(one, DEFAULT_FILE))
      : [join(directory, basename(given))];
  for (const candidate of candidates) {
    const text = await readFile(candidate, 'utf8').catch(() => null);
    const path = relative(root, candidate).replaceAll(sep, '/');
    if (text !== null) return { ...(await keep(tree, path, text)), branch };
  }
  throw new StartError(`There is no file ${file ?? DEFAULT_FILE}.`);
}

async function keep(tree: WorkingTree, path: string, text: string): Promise<Omit<Found, 'branch'>> {
  tree.texts.set(path, text);
  return { text, path, tree };
}

/** As a push of this branch would have them. */
function branchVariables(branch: string | null): [string, string][] {
  const always: [string, string][] = [
    ['CI', 'true'],
    ['GITLAB_CI', 'true'],
    ['CI_PIPELINE_SOURCE', 'push'],
  ];
  if (branch === null) return always;
  return [...always, ['CI_COMMIT_BRANCH', branch], ['CI_COMMIT_REF_NAME', branch]];
}

function messagesOf(result: CompileResult): { errors: ConfigMessage[]; warnings: ConfigMessage[] } {
  return result.ok ? { errors: [], warnings: result.config.warnings } : result;
}

function asText(result: CompileResult, { path, tree }: Found): string {
  const style = { color: process.stdout.hasColors?.() ?? false };
  const { errors, warnings } = messagesOf(result);
  const reports = [...errors, ...warnings].map((message) =>
    reportMessage(message, tree.texts.get(message.position?.file ?? ''), style),
  );
  const counts = { errors: errors.length, warnings: warnings.length };
  const end = reportEnd(path, result.ok ? result.config : null, counts);
  return `${[...reports, end].join('\n\n')}\n`;
}

function asJson(result: CompileResult): string {
  const { mergedYaml } = result;
  const { includes } = result.ok ? result.config : result;
  const jobs = result.ok ? ({ kind: 'static', config: result.config } as const) : ({ kind: 'none' } as const);
  const entity = lintEntity({ ...messagesOf(result), mergedYaml, includes, jobs }, true);
  return `${JSON.stringify(entity, null, 2)}\n`;
}
