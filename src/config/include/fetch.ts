import { createHash } from 'node:crypto';
import type { IncludedFile } from '../compiled.ts';
import {
  ARTIFACT_OUTSIDE_CHILD,
  includedEmpty,
  localEmpty,
  localMissing,
  projectFileEmpty,
  projectFileMissing,
  remoteIntegrity,
} from '../errors.ts';
import type { FileContext } from '../files.ts';
import { refuse } from '../refusal.ts';
import type { YamlValue } from '../yaml-value.ts';
import type { Location } from './location.ts';
import type { IncludeRun } from './run.ts';

/** A file that an include brought, before it is read as YAML. */
export interface FetchedFile {
  text: string;
  /** As errors and positions name it, masked. */
  name: string;
  /** Where its own local includes are looked up. */
  context: FileContext;
  /** What `$[[ component.x ]]` can be; null for other kinds. */
  component: ReadonlyMap<string, YamlValue> | null;
  location: Location;
  /** null for an artifact, which `includes[]` does not list. */
  record: IncludedFile | null;
}

type Fetched = Pick<FetchedFile, 'text' | 'context' | 'component'> & { record: Partial<IncludedFile> | null };

/** Gets the file of a location; `at` is where the file that includes it stands (ci-yaml 4). */
export async function fetchFile(location: Location, at: FileContext, run: IncludeRun): Promise<FetchedFile> {
  const fetched = await fetchKind(location, at, run);
  run.read(fetched.text);
  const name = run.mask(location.target);
  const record = fetched.record && maskRecord({ ...emptyRecord(location, at), ...fetched.record }, run);
  return { ...fetched, name, location, record };
}

function fetchKind(location: Location, at: FileContext, run: IncludeRun): Promise<Fetched> {
  switch (location.kind) {
    case 'local':
      return fetchLocal(location, at, run);
    case 'project':
      return fetchProject(location, run);
    case 'remote':
      return fetchRemote(location, at, run);
    case 'template':
      return fetchTemplate(location, at, run);
    case 'component':
      return fetchComponent(location, run);
    case 'artifact':
      return fetchArtifact(location, at, run);
  }
}

async function fetchLocal(
  { target, position }: Location,
  at: FileContext,
  run: IncludeRun,
): Promise<Fetched> {
  const text = await run.wait(run.files.readLocal(at, target));
  if (text === null) refuse(localMissing(run.mask(target)), position);
  if (text.trim() === '') refuse(localEmpty(run.mask(target)), position);
  return {
    text,
    context: at,
    component: null,
    record: { type: 'local', ...(await run.files.urls(at, target)) },
  };
}

async function fetchProject(location: Location, run: IncludeRun): Promise<Fetched> {
  const { target, position, ref } = location;
  const project = location.project ?? '';
  const context = await run.expect(run.files.openProject(project, ref), position);
  const text = await run.wait(run.files.readLocal(context, target));
  if (text === null) refuse(projectFileMissing(run.mask(project), run.mask(target)), position);
  if (text.trim() === '') refuse(projectFileEmpty(run.mask(project), run.mask(target)), position);
  const extra = ref === null ? { project } : { project, ref };
  return {
    text,
    context,
    component: null,
    record: { type: 'file', ...(await run.files.urls(context, target)), extra },
  };
}

async function fetchRemote(location: Location, at: FileContext, run: IncludeRun): Promise<Fetched> {
  const { target, integrity, position } = location;
  const text = await run.expect(run.files.readRemote(target), position);
  if (integrity !== null && integrity !== sha256(text)) refuse(remoteIntegrity(run.mask(target)), position);
  refuseBlank(text, location, run);
  return { text, context: at, component: null, record: { type: 'remote', raw: target } };
}

function sha256(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

async function fetchTemplate(location: Location, at: FileContext, run: IncludeRun): Promise<Fetched> {
  const text = (await run.wait(run.files.readTemplate(location.target))) ?? '';
  refuseBlank(text, location, run);
  return { text, context: at, component: null, record: { type: 'template' } };
}

async function fetchComponent(location: Location, run: IncludeRun): Promise<Fetched> {
  const { target, position } = location;
  const found = await run.expect(run.files.readComponent(target), position);
  refuseBlank(found.content, location, run);
  const component = new Map<string, YamlValue>([
    ['name', found.name],
    ['sha', found.sha],
    ['version', found.version],
    ['reference', target.slice(target.lastIndexOf('@') + 1)],
  ]);
  const blob = (await run.files.urls(found.context, found.path))?.blob ?? null;
  return { text: found.content, context: found.context, component, record: { type: 'component', blob } };
}

async function fetchArtifact(location: Location, at: FileContext, run: IncludeRun): Promise<Fetched> {
  const { target, job, position } = location;
  if (run.files.readArtifact === undefined) refuse(ARTIFACT_OUTSIDE_CHILD, position);
  const text = await run.expect(run.files.readArtifact(job ?? '', target), position);
  refuseBlank(text, location, run);
  return { text, context: at, component: null, record: null };
}

function refuseBlank(text: string, { target, position }: Location, run: IncludeRun): void {
  if (text.trim() === '') refuse(includedEmpty(run.mask(target)), position);
}

function emptyRecord(location: Location, at: FileContext): IncludedFile {
  return {
    type: 'local',
    location: location.target,
    blob: null,
    raw: null,
    extra: {},
    contextProject: at.project,
    contextSha: at.sha,
  };
}

function maskRecord(record: IncludedFile, run: IncludeRun): IncludedFile {
  const mask = (text: string | null) => (text === null ? null : run.mask(text));
  return { ...record, location: run.mask(record.location), blob: mask(record.blob), raw: mask(record.raw) };
}
