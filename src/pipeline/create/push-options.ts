import type { GivenVariable } from './creation.ts';

/** What the `ci.*` options of a push ask for (ci-yaml 21). */
export interface CiPushOptions {
  skip: boolean;
  noPipeline: boolean;
  variables: GivenVariable[];
  inputs: Record<string, unknown>;
}

/** Reads `ci.skip`, `ci.no_pipeline`, `ci.variable=K=V` and `ci.input=k=v`; a value may stand in quotes. */
export function readPushOptions(options: readonly string[]): CiPushOptions {
  const read: CiPushOptions = { skip: false, noPipeline: false, variables: [], inputs: {} };
  for (const option of options) {
    if (option === 'ci.skip') read.skip = true;
    else if (option === 'ci.no_pipeline') read.noPipeline = true;
    else if (option.startsWith('ci.variable=')) {
      const [key, value] = pair(option.slice('ci.variable='.length));
      read.variables.push({ key, value });
    } else if (option.startsWith('ci.input=')) {
      const [key, value] = pair(option.slice('ci.input='.length));
      read.inputs = { ...read.inputs, [key]: jsonOrText(value) };
    }
  }
  return read;
}

function pair(text: string): [string, string] {
  const quoted = /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;
  const at = quoted.indexOf('=');
  return at === -1 ? [quoted, ''] : [quoted.slice(0, at), quoted.slice(at + 1)];
}

/** Inputs have types: `3`, `true` and `["a"]` are what they look like, all else is text. */
function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
