/** Where a component is asked for (ci-yaml 4). */
export interface ComponentAddress {
  /** Host, with its port if it has one. */
  host: string;
  /** Full path of the project. */
  project: string;
  name: string;
  /** A commit, tag, branch, `~latest`, or the first numbers of a version. */
  version: string;
}

const ADDRESS = /^(?<host>[^/@]+)\/(?<project>[^@]+)\/(?<name>[\w.-]+)@(?<version>[^@]+)$/;
const VERSION = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:\+[\w.-]+)?$/;
const SHORTHAND = /^\d{1,9}(?:\.\d{1,9})?$/;

/** Reads `<host>/<project path>/<name>@<version>`; null when it is not that. */
export function readComponentAddress(address: string): ComponentAddress | null {
  const { host, project, name, version } = ADDRESS.exec(address)?.groups ?? {};
  if (host === undefined || project === undefined || name === undefined || version === undefined) return null;
  return { host, project, name, version };
}

/** Where the file of a component may lie, first come first. */
export function componentPaths(name: string): string[] {
  return [`templates/${name}.yml`, `templates/${name}/template.yml`];
}

/** Whether a version asks for the newest of several tags. */
export function isVersionRange(version: string): boolean {
  return version === '~latest' || SHORTHAND.test(version);
}

/** The tag with the newest version that begins with the given numbers; pre-releases do not count. Null without one. */
export function newestVersion(tags: readonly string[], range: string): string | null {
  const wanted = range === '~latest' ? [] : range.split('.').map(Number);
  const versions = tags.flatMap((tag) => {
    const match = VERSION.exec(tag);
    return match === null ? [] : [{ tag, numbers: match.slice(1, 4).map(Number) }];
  });
  const fitting = versions.filter(({ numbers }) =>
    wanted.every((number, index) => numbers[index] === number),
  );
  const [newest] = fitting.toSorted((a, b) => compare(b.numbers, a.numbers));
  return newest?.tag ?? null;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((number, at) => number !== b[at]);
  return index === -1 ? 0 : a[index]! - b[index]!;
}
