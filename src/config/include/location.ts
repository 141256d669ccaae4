import type { Position } from '../compiled.ts';
import { includedExtension, includedNotString, remoteAddress, templateLocation } from '../errors.ts';
import type { FileContext } from '../files.ts';
import { compileGlob } from '../glob.ts';
import { refuse } from '../refusal.ts';
import { toText } from '../yaml/inspect.ts';
import type { YamlValue } from '../yaml-value.ts';
import { type IncludeEntry, type IncludeKind, withOption } from './entry.ts';
import type { IncludeRun } from './run.ts';

/** One file to fetch: its address checked, variables put in. */
export interface Location {
  kind: IncludeKind;
  /** Path, URL, name or address, by kind; for `artifact` the path within the job's archive. */
  target: string;
  project: string | null;
  ref: string | null;
  job: string | null;
  integrity: string | null;
  inputs: YamlValue | undefined;
  position: Position | undefined;
}

/** One entry becomes as many locations as it names files: lists of a project, wildcards of a local path (ci-yaml 4). */
export async function locate(entry: IncludeEntry, at: FileContext, run: IncludeRun): Promise<Location[]> {
  const entries = entry.kind === 'local' ? await matchWildcard(entry, at, run) : listedFiles(entry);
  return entries.map((one) => readLocation(one, run));
}

function listedFiles(entry: IncludeEntry): IncludeEntry[] {
  const files = entry.kind === 'project' ? entry.options.get('file') : undefined;
  if (!Array.isArray(files)) return [entry];
  return files.map((file) => ({ ...entry, options: withOption(entry.options, 'file', file) }));
}

async function matchWildcard(entry: IncludeEntry, at: FileContext, run: IncludeRun): Promise<IncludeEntry[]> {
  const path = entry.options.get('local');
  if (typeof path !== 'string' || !path.includes('*')) return [entry];
  const matches = compileGlob(withoutSlash(path));
  const paths = (await run.wait(run.files.listPaths(at))).filter(matches).sort(byBytes);
  return paths.map((match) => ({ ...entry, options: withOption(entry.options, 'local', match) }));
}

/** The order of a git tree's files. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function readLocation(entry: IncludeEntry, run: IncludeRun): Location {
  const { kind, options, position } = entry;
  const text = (key: string) => {
    const value = options.get(key) ?? null;
    return value === null ? null : run.expand(toText(value));
  };
  const location: Location = {
    kind,
    target: target(entry, run),
    project: text('project'),
    ref: text('ref'),
    job: text('job'),
    integrity: text('integrity'),
    inputs: options.get('inputs'),
    position,
  };
  checkAddress(location, run);
  return location;
}

function target({ kind, options, position }: IncludeEntry, run: IncludeRun): string {
  const value = options.get(kind === 'project' ? 'file' : kind) ?? null;
  if (typeof value !== 'string') refuse(includedNotString(run.mask(toText(value))), position);
  const text = run.expand(value);
  return kind === 'local' || kind === 'project' ? withoutSlash(text) : text;
}

function checkAddress({ kind, target, position }: Location, run: IncludeRun): void {
  const shown = run.mask(target);
  switch (kind) {
    case 'component':
      return;
    case 'template':
      if (!/.\.gitlab-ci\.yml$/i.test(target)) refuse(templateLocation(shown), position);
      return;
    case 'remote':
      checkExtension(target, shown, position);
      if (!isWebAddress(target)) refuse(remoteAddress(shown), position);
      return;
    default:
      checkExtension(target, shown, position);
  }
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
}

function checkExtension(path: string, shown: string, position: Position | undefined): void {
  if (!/[^/]\.ya?ml$/i.test(path)) refuse(includedExtension(shown), position);
}

function withoutSlash(path: string): string {
  return path.replace(/^\/+/, '');
}
