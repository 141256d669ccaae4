import { aHash, aString, type Check, oneOf, present, stringOrList } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig, keysOf } from './keys.ts';
import { text, texts } from './value.ts';

/** The report types whose value is a path or a list of paths (ci-yaml 9). */
const TYPES = [
  ...['junit', 'codequality', 'sast', 'secret_detection', 'dependency_scanning', 'container_scanning'],
  ...['cluster_image_scanning', 'dast', 'performance', 'browser_performance', 'load_performance'],
  ...['license_scanning', 'metrics', 'lsif', 'dotenv', 'terraform', 'accessibility', 'coverage_fuzzing'],
  ...['api_fuzzing', 'requirements', 'requirements_v2', 'cyclonedx', 'annotations', 'repository_xray'],
  'sarif',
];
const COVERAGE = 'coverage_report';
const FORMATS = ['cobertura', 'jacoco'];

const ATTRIBUTES: Record<string, Check> = Object.fromEntries(TYPES.map((type) => [type, stringOrList]));
const unsupportedFormat = oneOf(FORMATS, `must be one of supported formats: ${FORMATS.join(', ')}.`);

/** `artifacts:reports`: each type with its list of paths, in file order. */
export function readReports(entry: Entry): Record<string, string[]> {
  const reports: Record<string, string[]> = Object.create(null);
  if (!checkConfig(entry, aHash)) return reports;
  allowKeys(entry, [...TYPES, COVERAGE]);
  checkAttributes(entry, ATTRIBUTES);
  if (!entry.sound) return reports;
  for (const type of keysOf(entry)) {
    if (entry.get(type) === null) continue;
    if (type === COVERAGE) Object.assign(reports, readCoverageReport(entry.child(COVERAGE)));
    else reports[type] = texts(entry.get(type));
  }
  return reports;
}

/** `coverage_report`: stored under its format. */
function readCoverageReport(entry: Entry): Record<string, string[]> {
  if (!checkConfig(entry, aHash)) return {};
  allowKeys(entry, ['coverage_format', 'path']);
  for (const [key, check] of [
    ['coverage_format', unsupportedFormat],
    ['path', aString],
  ] as const) {
    for (const message of [present(entry.get(key)), check(entry.get(key))]) {
      if (message !== null) entry.error(key, message);
    }
  }
  return { [text(entry.get('coverage_format')) ?? '']: texts(entry.get('path')) };
}
