import { compileGlob } from './glob.ts';

/** More comparisons than this are not made, the answer is then yes (ci-yaml 10.3, security GLOB-1). */
const MAX_COMPARISONS = 50_000;

/** What is known of a list of paths; kept beside the list, which many rules ask about. */
interface Known {
  set: Set<string>;
  directories: Set<string> | null;
  topLevel: string[] | null;
  answers: Map<string, boolean>;
}
const knownOf = new WeakMap<readonly string[], Known>();

function known(paths: readonly string[]): Known {
  let found = knownOf.get(paths);
  if (found === undefined) {
    found = { set: new Set(paths), directories: null, topLevel: null, answers: new Map() };
    knownOf.set(paths, found);
  }
  return found;
}

/** Whether one of the changed `paths` matches one of the patterns (`rules:changes`, ci-yaml 10.3). */
export function anyChanged(paths: readonly string[], patterns: readonly string[]): boolean {
  if (patterns.length * paths.length > MAX_COMPARISONS) return true;
  return patterns.some((pattern) => anyMatches(paths, pattern));
}

/**
 * Whether one of the patterns names a file of the tree `paths` (`rules:exists`, ci-yaml 10.3). A pattern that ends in
 * `/` names a directory. Exact names are looked up, only patterns count as comparisons.
 */
export function anyExists(paths: readonly string[], patterns: readonly string[]): boolean {
  const wild = patterns.filter((pattern) => /[*?[{]/.test(pattern));
  const exact = patterns.filter((pattern) => !wild.includes(pattern));
  const { set } = known(paths);
  if (
    exact.some((name) => (name.endsWith('/') ? directoriesOf(paths).has(name.slice(0, -1)) : set.has(name)))
  ) {
    return true;
  }
  const candidates = wild.every(isTopLevel) ? topLevelOf(paths) : paths;
  if (wild.length * candidates.length > MAX_COMPARISONS) return true;
  return wild.some((pattern) =>
    pattern.endsWith('/')
      ? [...directoriesOf(paths)].some(compileGlob(pattern.slice(0, -1)))
      : anyMatches(candidates, pattern),
  );
}

function isTopLevel(pattern: string): boolean {
  return !pattern.includes('/') && !pattern.includes('**');
}

function anyMatches(paths: readonly string[], pattern: string): boolean {
  const { answers } = known(paths);
  let answer = answers.get(pattern);
  if (answer === undefined) {
    answer = paths.some(compileGlob(pattern));
    answers.set(pattern, answer);
  }
  return answer;
}

function topLevelOf(paths: readonly string[]): readonly string[] {
  const about = known(paths);
  about.topLevel ??= paths.filter((path) => !path.includes('/'));
  return about.topLevel;
}

function directoriesOf(paths: readonly string[]): ReadonlySet<string> {
  const about = known(paths);
  if (about.directories === null) {
    about.directories = new Set();
    for (const path of paths) {
      for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
        const directory = path.slice(0, at);
        if (about.directories.has(directory)) break;
        about.directories.add(directory);
      }
    }
  }
  return about.directories;
}
