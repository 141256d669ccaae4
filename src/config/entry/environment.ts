import type { Environment } from '../compiled.ts';
import type { YamlValue } from '../yaml-value.ts';
import { aHash, aString, atMost, firstOf, hashOrString, isDuration, must, oneOf } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig, requireText } from './keys.ts';
import { plainRecord, text } from './value.ts';

const KEYS = ['name', 'url', 'action', 'on_stop', 'auto_stop_in', 'deployment_tier', 'kubernetes'];
const KUBERNETES_KEYS = ['agent', 'namespace', 'flux_resource_path', 'managed_resources', 'dashboard'];
const MAX_LENGTH = 255;

const environmentName = firstOf(
  aString,
  atMost(MAX_LENGTH),
  must(
    (value) => typeof value === 'string' && /^[\w\-/${}. ]*$/.test(value) && !/^\/|\/$/.test(value),
    "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, " +
      "but it cannot start or end with '/'",
  ),
);

/** A text with variables is only known to be a duration when the job runs. */
const stopDelay = must(
  (value: YamlValue) => typeof value === 'string' && (value.includes('$') || isDuration(value)),
  'should be a duration',
);

const ATTRIBUTES = {
  url: firstOf(aString, atMost(MAX_LENGTH)),
  action: firstOf(
    aString,
    oneOf(
      ['start', 'stop', 'prepare', 'verify', 'access'],
      'should be start, stop, prepare, verify, or access',
    ),
  ),
  on_stop: aString,
  auto_stop_in: stopDelay,
  deployment_tier: oneOf(
    ['production', 'staging', 'testing', 'development', 'other'],
    'must be one of production, staging, testing, development, or other',
  ),
};

/** `environment`: a name or a hash (ci-yaml 11). */
export function readEnvironment(entry: Entry): Environment | null {
  if (!checkConfig(entry, hashOrString)) return null;
  checkName(entry);
  if (entry.value instanceof Map) {
    allowKeys(entry, KEYS);
    checkAttributes(entry, ATTRIBUTES);
    if (entry.sound && entry.get('kubernetes') !== null) checkKubernetes(entry.child('kubernetes'));
  }
  return {
    name: text(entry.value) ?? text(entry.get('name')) ?? '',
    url: text(entry.get('url')),
    action: (text(entry.get('action')) ?? 'start') as Environment['action'],
    onStop: text(entry.get('on_stop')),
    autoStopIn: text(entry.get('auto_stop_in')),
    deploymentTier: text(entry.get('deployment_tier')) as Environment['deploymentTier'],
    kubernetes: plainRecord(entry.get('kubernetes')),
  };
}

function checkName(entry: Entry): void {
  if (entry.value instanceof Map) {
    requireText(entry, 'name');
    if (entry.sound) checkAttributes(entry, { name: environmentName });
    return;
  }
  const blank = typeof entry.value === 'string' && entry.value.trim() === '';
  const message = blank ? "can't be blank" : environmentName(entry.value);
  if (message !== null) entry.error('name', message);
}

function checkKubernetes(entry: Entry): void {
  if (!checkConfig(entry, aHash)) return;
  allowKeys(entry, KUBERNETES_KEYS);
  checkAttributes(entry, {
    agent: aString,
    namespace: aString,
    flux_resource_path: aString,
    managed_resources: aHash,
    dashboard: aHash,
  });
}
