import type { Image } from '../compiled.ts';
import { anArray, aString, stringOrList } from './check.ts';
import type { Entry } from './entry.ts';
import { readContainer } from './image.ts';
import { checkConfig } from './keys.ts';
import { text, texts } from './value.ts';
import { readScalarVariables } from './variables.ts';

const KEYS = ['name', 'alias', 'entrypoint', 'command', 'variables', 'pull_policy', 'docker', 'kubernetes'];

/** `services`: a list of names or hashes, kept as hashes (ci-yaml 7). */
export function readServices(entry: Entry): Image[] {
  return checkConfig(entry, anArray) ? entry.items('service').map(readService) : [];
}

function readService(entry: Entry): Image {
  const service = readContainer(entry, KEYS, { alias: aString, command: stringOrList });
  if (!entry.sound) return service;
  const alias = text(entry.get('alias'));
  if (alias !== null) service.alias = alias;
  if (entry.get('command') !== null) service.command = texts(entry.get('command'));
  if (entry.get('variables') !== null) service.variables = serviceVariables(entry.child('variables'));
  return service;
}

function serviceVariables(entry: Entry): Record<string, string> {
  const variables: Record<string, string> = Object.create(null);
  for (const [name, { value }] of Object.entries(readScalarVariables(entry))) variables[name] = value;
  return variables;
}
