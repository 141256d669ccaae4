import type { ConfigFiles, FileContext, FileResult } from '../src/config/files.ts';

/** Paths of one tree to their texts. */
export type Tree = Readonly<Record<string, string>>;

/** Everything outside that a configuration under test can read. */
export interface ConfigWorld {
  /** The project's own tree. */
  tree: Tree;
  /** Other projects, `path` or `path@ref`, to their trees. */
  projects?: Readonly<Record<string, Tree>>;
  /** URLs to bodies. */
  remotes?: Readonly<Record<string, string>>;
  templates?: Readonly<Record<string, string>>;
  /** Whole addresses (`host/path/name@version`) to contents. */
  components?: Readonly<Record<string, string>>;
  /** Changed paths; null or absent: nothing to compare with. */
  changed?: readonly string[] | null;
}

/** Where the project under test stands. */
export const PROJECT: FileContext = { project: 'group/app', sha: 'a'.repeat(40) };

/** A `ConfigFiles` over plain data, for tests of the compiler. */
export function memoryFiles(world: ConfigWorld): ConfigFiles {
  const { projects = {}, remotes = {}, templates = {}, components = {} } = world;
  const treeOf = ({ project, sha }: FileContext): Tree =>
    project === PROJECT.project
      ? world.tree
      : (own(projects, `${project}@${sha}`) ?? own(projects, project) ?? {});
  return {
    readLocal: async (context, path) => own(treeOf(context), path) ?? null,
    listPaths: async (context) => Object.keys(treeOf(context)),
    openProject: async (path, ref) => openProject(projects, path, ref),
    readRemote: async (url) => found(own(remotes, url), `Remote file \`${url}\` could not be fetched`),
    readTemplate: async (name) => own(templates, name) ?? null,
    readComponent: async (address) => readComponent(components, address),
    changedPaths: async () => ({ ok: true, value: world.changed ? [...world.changed] : null }),
    urls: ({ project, sha }, path) => ({
      blob: `https://teaspoon.test/${project}/-/blob/${sha}/${path}`,
      raw: `https://teaspoon.test/${project}/-/raw/${sha}/${path}`,
    }),
  };
}

function openProject(
  projects: Readonly<Record<string, Tree>>,
  path: string,
  ref: string | null,
): FileResult<FileContext> {
  if (!Object.keys(projects).some((known) => known.split('@', 1)[0] === path)) {
    const hint = 'Make sure any includes in the pipeline configuration are correctly defined.';
    return { ok: false, message: `Project \`${path}\` not found or access denied! ${hint}` };
  }
  if (ref === null || own(projects, `${path}@${ref}`)) {
    return { ok: true, value: { project: path, sha: ref ?? 'HEAD' } };
  }
  return { ok: false, message: `Project \`${path}\` reference \`${ref}\` does not exist!` };
}

function readComponent(components: Readonly<Record<string, string>>, address: string) {
  const content = own(components, address);
  const [location = '', version = ''] = address.split('@');
  const name = location.slice(location.lastIndexOf('/') + 1);
  const project = location.slice(location.indexOf('/') + 1, location.lastIndexOf('/'));
  const path = `templates/${name}.yml`;
  const sha = 'c'.repeat(40);
  return found(
    content === undefined ? undefined : { content, path, context: { project, sha }, name, version, sha },
    `Component '${address}' - content not found`,
  );
}

function found<T>(value: T | undefined, message: string): FileResult<T> {
  return value === undefined ? { ok: false, message } : { ok: true, value };
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
