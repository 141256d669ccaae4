import { artifactsOf } from '../artifact/artifact.ts';
import { parseJunit, type TestCase, type TestStatus } from '../artifact/junit.ts';
import { readReport } from '../artifact/read-report.ts';
import type { ArtifactStore } from '../artifact/store.ts';
import type { Reading } from '../db/transaction.ts';
import { latestJobs } from './job-lookup.ts';
import { groupNameOf } from './variables/slug.ts';

/** The tests of one job, or of all jobs that one `parallel` made. */
export interface TestSuite {
  name: string;
  jobIds: number[];
  cases: TestCase[];
  counts: TestCounts;
  /** Why a report of it could not be read; null when all could. */
  error: string | null;
}

export interface TestCounts {
  /** Seconds. */
  time: number;
  total: number;
  success: number;
  failed: number;
  skipped: number;
  error: number;
}

const UNREADABLE = {
  missing: 'JUnit report is missing',
  too_large: 'JUnit XML parsing failed: the report is too large',
  broken: 'JUnit XML parsing failed: the report cannot be unpacked',
};

/** The JUnit reports of a pipeline's latest builds, one suite for each job name (rest-resources 6.4). */
export async function testReport(
  reading: Reading,
  store: ArtifactStore,
  pipelineId: number,
): Promise<TestSuite[]> {
  const builds = (await latestJobs(reading, pipelineId)).filter(({ type }) => type === 'build');
  const artifacts = await artifactsOf(
    reading,
    builds.map(({ id }) => id),
  );
  const suites = new Map<string, TestSuite>();
  for (const { id, name } of builds) {
    const report = artifacts.get(id)?.find(({ type }) => type === 'junit');
    if (report === undefined) continue;
    const suiteName = groupNameOf(name);
    const suite = suites.get(suiteName) ?? emptySuite(suiteName);
    suites.set(suiteName, suite);
    suite.jobIds.push(id);
    const read = await readReport(store, report);
    const parsed = read.ok
      ? await parseJunit(read.text)
      : { ok: false as const, error: UNREADABLE[read.reason] };
    if (!parsed.ok) suite.error ??= parsed.error;
    else for (const testCase of parsed.cases) suite.cases.push(testCase);
  }
  return [...suites.values()].map((suite) => ({
    ...suite,
    cases: suite.cases.sort(worstAndSlowestFirst),
    counts: countsOf(suite.cases),
  }));
}

function emptySuite(name: string): TestSuite {
  return { name, jobIds: [], cases: [], counts: countsOf([]), error: null };
}

const ORDER: readonly TestStatus[] = ['error', 'failed', 'success', 'skipped'];

function worstAndSlowestFirst(a: TestCase, b: TestCase): number {
  return ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || b.executionTime - a.executionTime;
}

function countsOf(cases: readonly TestCase[]): TestCounts {
  const counts: TestCounts = { time: 0, total: 0, success: 0, failed: 0, skipped: 0, error: 0 };
  for (const { status, executionTime } of cases) {
    counts[status]++;
    counts.total++;
    counts.time += executionTime;
  }
  return counts;
}

/** What several suites come to together. */
export function sumOf(suites: readonly TestSuite[]): TestCounts {
  const sum = countsOf([]);
  for (const { counts } of suites) {
    for (const key of Object.keys(sum) as (keyof TestCounts)[]) sum[key] += counts[key];
  }
  return sum;
}
