import { includedSyntax, inFile } from '../errors.ts';
import type { FileContext } from '../files.ts';
import { deepMerge } from '../merge.ts';
import { copyPositions, positionOf } from '../positions.ts';
import { attempt, attemptAsync, type Outcome, refuse, take } from '../refusal.ts';
import { readHeader } from '../spec/header.ts';
import type { ParsedFile } from '../yaml/parse.ts';
import type { YamlMap, YamlValue } from '../yaml-value.ts';
import { type IncludeEntry, readEntries } from './entry.ts';
import { type FetchedFile, fetchFile } from './fetch.ts';
import { fillInputs, type UnfilledFile } from './load.ts';
import { type Location, locate } from './location.ts';
import { isIncluded } from './rules.ts';
import type { IncludeRun } from './run.ts';

/** Files of one `include` that are fetched at the same time (security NET-4). */
const PARALLEL = 4;

/**
 * `content` with its includes merged in, each file over the ones before it and the including file over all
 * (ci-yaml 4). `at` is where the file stands. When rules leave nothing to include, the `include` key stays.
 */
export async function expandIncludes(content: YamlMap, at: FileContext, run: IncludeRun): Promise<YamlMap> {
  if (!content.has('include')) return content;
  const files = await fetchIncluded(content, at, run);
  if (files.length === 0) return content;
  const layers: YamlMap[] = [];
  for (const file of files) layers.push(await expandFile(take(file), run));
  return deepMerge([...layers, withoutInclude(content)], run.budget);
}

/**
 * Files named by the `include` of `holder`, in order: filtered by their rules, wildcards and lists spread out. What
 * could not be fetched is refused only in its turn, after what the files before it have to say.
 */
async function fetchIncluded(
  holder: YamlMap,
  at: FileContext,
  run: IncludeRun,
): Promise<Outcome<FetchedFile>[]> {
  const entries = readEntries(holder.get('include') ?? null, positionOf(holder, 'include'), run);
  const locations = await locateAll(entries, at, run);
  for (const _ of locations) run.count();
  const files: Outcome<FetchedFile>[] = [];
  for (let from = 0; from < locations.length; from += PARALLEL) {
    const some = locations.slice(from, from + PARALLEL);
    files.push(...(await Promise.all(some.map((one) => attemptAsync(() => fetchFile(one, at, run))))));
  }
  for (const file of files) if (file.ok && file.value.record !== null) run.included.push(file.value.record);
  return files;
}

async function locateAll(entries: IncludeEntry[], at: FileContext, run: IncludeRun): Promise<Location[]> {
  const included: IncludeEntry[] = [];
  for (const entry of entries) if (await isIncluded(entry, at, run)) included.push(entry);
  const locations: Location[] = [];
  for (const entry of included) locations.push(...(await locate(entry, at, run)));
  return locations;
}

async function expandFile(file: FetchedFile, run: IncludeRun): Promise<YamlMap> {
  const { position, inputs } = file.location;
  const parsed = run.parse(file.text, file.name);
  if (!parsed.ok || parsed.value.content.size === 0) {
    return refuse(includedSyntax(file.name), parsed.ok ? position : (parsed.error.position ?? position));
  }
  const filled = fillInputs(await readSpec(parsed.value, file, run), inputs ?? null, run);
  if (!filled.ok) refuse(inFile(file.name, filled.error.message), filled.error.position ?? position);
  return expandIncludes(filled.value, file.context, run);
}

async function readSpec(parsed: ParsedFile, file: FetchedFile, run: IncludeRun): Promise<UnfilledFile> {
  const header = attempt(() => (parsed.header === null ? null : readHeader(parsed.header)));
  if (!header.ok)
    refuse(inFile(file.name, header.error.message), header.error.position ?? file.location.position);
  const include = file.component === null ? (header.value?.include ?? null) : null;
  const sharedInputs = await readSharedInputs(include, file.context, run);
  return { header: header.value, content: parsed.content, sharedInputs, component: file.component };
}

/** Input specifications that the files of `spec:include` hold under `inputs` (ci-yaml 3). */
export async function readSharedInputs(
  include: YamlValue,
  at: FileContext,
  run: IncludeRun,
): Promise<YamlMap> {
  if (include === null) return new Map();
  const layers: YamlMap[] = [];
  for (const fetched of await fetchIncluded(new Map([['include', include]]), at, run)) {
    const file = take(fetched);
    const parsed = run.parse(file.text, file.name);
    const inputs = parsed.ok ? (parsed.value.content.get('inputs') ?? null) : null;
    if (!(inputs instanceof Map)) refuse(includedSyntax(file.name), file.location.position);
    layers.push(inputs);
  }
  return deepMerge(layers, run.budget);
}

function withoutInclude(content: YamlMap): YamlMap {
  const rest = new Map(content);
  rest.delete('include');
  copyPositions(content, rest);
  return rest;
}
