import type { JobVariable } from '../runner/protocol.ts';

/** The variables of a job as its processes see them. */
export interface JobEnvironment {
  /** Name to final value; a file variable's value is the path of its file. */
  values: Map<string, string>;
  /** Files to write before the script starts: path to content. */
  files: Map<string, string>;
  /** Values that must not show in the log. */
  secrets: string[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_EXPANDED = 1024 * 1024;

/**
 * Puts a job's variables together: later ones win, values that are not raw have `$NAME` and `${NAME}` replaced
 * (unknown ones by nothing), file variables become paths below `directory`. A name the shell cannot have, and a
 * value with a NUL, are left out.
 */
export function jobEnvironment(
  runnerDefaults: Record<string, string>,
  variables: readonly JobVariable[],
  directory: string,
): JobEnvironment {
  const last = new Map<string, JobVariable>();
  for (const [key, value] of Object.entries(runnerDefaults)) {
    last.set(key, { key, value, public: true, masked: false, raw: true });
  }
  for (const variable of variables) {
    if (NAME.test(variable.key) && !variable.value.includes('\0')) last.set(variable.key, variable);
  }
  const files = new Map<string, string>();
  const values = new Map<string, string>();
  const expand = expander(last, (variable) => `${directory}/${variable.key}`);
  const secrets: string[] = [];
  for (const variable of last.values()) {
    const value = expand(variable);
    if (variable.file) {
      const path = `${directory}/${variable.key}`;
      files.set(path, value);
      values.set(variable.key, path);
    } else {
      values.set(variable.key, value);
    }
    if (variable.masked) secrets.push(value, ...value.split(/\r?\n/).filter((line) => line.length >= 8));
  }
  return { values, files, secrets };
}

/** Replaces variables in a text that the runner itself reads, such as an artifact path. */
export function expandText(text: string, values: ReadonlyMap<string, string>): string {
  return replaceReferences(text, (name) => values.get(name) ?? '');
}

function expander(
  variables: ReadonlyMap<string, JobVariable>,
  pathOf: (variable: JobVariable) => string,
): (variable: JobVariable) => string {
  const done = new Map<string, string>();
  const open = new Set<string>();
  const expand = (variable: JobVariable): string => {
    if (variable.raw) return variable.value;
    const known = done.get(variable.key);
    if (known !== undefined) return known;
    open.add(variable.key);
    const value = replaceReferences(variable.value, (name) => {
      const other = variables.get(name);
      if (other === undefined || open.has(name)) return '';
      return other.file ? pathOf(other) : expand(other);
    });
    open.delete(variable.key);
    done.set(variable.key, value);
    return value;
  };
  return expand;
}

function replaceReferences(text: string, resolveName: (name: string) => string): string {
  if (!text.includes('$')) return text;
  const out = text.replace(
    /\$\$|\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)/g,
    (all, braced?: string, plain?: string) => {
      const name = braced ?? plain;
      return name === undefined ? all : resolveName(name);
    },
  );
  return out.slice(0, MAX_EXPANDED);
}
