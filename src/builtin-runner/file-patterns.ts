import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join, posix, relative, resolve, sep } from 'node:path';

/**
 * Files and directories that a list of artifact or cache paths names, relative to `root`, sorted, each once. A path is
 * a file, a directory (with all below it) or a pattern with `*`, `**`, `?`, `[...]`, `{a,b}`; hidden files match too.
 * What lies outside the root is not found, whatever the path says, links are named but never followed (security EXE-6),
 * and the repository's own data is never an artifact.
 */
export function matchFiles(
  root: string,
  paths: readonly string[],
  exclude: readonly string[] = [],
): string[] {
  const found = new Set<string>();
  for (const path of paths) addMatches(root, path, found);
  const excluded = exclude.map((path) => toRegExp(path.replace(/^\.\//, '')));
  return [...found].filter((path) => !excluded.some((pattern) => pattern.test(path))).sort();
}

function addMatches(root: string, path: string, found: Set<string>): void {
  const target = resolve(root, path);
  const inside = relative(root, target).split(sep).join(posix.sep);
  if (path === '' || inside === '..' || inside.startsWith('../')) return;
  if (!/[*?[{]/.test(inside)) {
    for (const one of tree(root, inside)) found.add(one);
    return;
  }
  const start = inside
    .slice(0, inside.search(/[*?[{]/))
    .replace(/[^/]*$/, '')
    .replace(/\/$/, '');
  const pattern = toRegExp(inside);
  for (const one of tree(root, start)) {
    if (!pattern.test(one)) continue;
    for (const below of tree(root, one)) found.add(below);
  }
}

/** `path` itself, when it exists and is not the root, and everything below it. */
function tree(root: string, path: string): string[] {
  const full = join(root, path);
  const status = lstatSync(full, { throwIfNoEntry: false });
  if (status === undefined || behindLink(root, path) || path === '.git' || path.startsWith('.git/'))
    return [];
  const own = path === '' ? [] : [path];
  if (!status.isDirectory()) return own;
  const entries: Dirent[] = readdirSync(full, { withFileTypes: true });
  return entries.reduce<string[]>((all, entry) => {
    const child = path === '' ? entry.name : `${path}/${entry.name}`;
    if (child === '.git') return all;
    if (entry.isDirectory()) all.push(...tree(root, child));
    else all.push(child);
    return all;
  }, own);
}

function behindLink(root: string, path: string): boolean {
  const parts = path.split('/').slice(0, -1);
  return parts.some((_, i) => lstatSync(join(root, ...parts.slice(0, i + 1))).isSymbolicLink());
}

/** A pattern as the runner's glob library reads it: `*` and `?` stop at a slash, `**` does not. */
function toRegExp(pattern: string): RegExp {
  let source = '';
  let braces = 0;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (pattern.startsWith('**/', i) && (i === 0 || pattern[i - 1] === '/')) {
      source += '(?:[^/]+/)*';
      i += 2;
    } else if (char === '*') {
      const deep = pattern[i + 1] === '*';
      source += deep ? '.*' : '[^/]*';
      if (deep) i++;
    } else if (char === '?') source += '[^/]';
    else if (char === '{') {
      braces++;
      source += '(?:';
    } else if (char === '}' && braces > 0) {
      braces--;
      source += ')';
    } else if (char === ',' && braces > 0) source += '|';
    else if (char === '[' && pattern.indexOf(']', i) > i) {
      const end = pattern.indexOf(']', i);
      source += `[${pattern
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replace(/\\/g, '\\\\')}]`;
      i = end;
    } else source += char.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  }
  return new RegExp(`^${source}${')'.repeat(braces)}$`, 's');
}
