import { sumOf, type TestCounts, type TestSuite } from '../../pipeline/test-report.ts';

/** All test cases of a pipeline by suite (rest-resources 6.4). */
export function testReportEntity(suites: readonly TestSuite[]) {
  return {
    ...countsEntity(sumOf(suites)),
    test_suites: suites.map((suite) => ({
      name: suite.name,
      ...countsEntity(suite.counts),
      suite_error: suite.error,
      test_cases: suite.cases.map((testCase) => ({
        status: testCase.status,
        name: testCase.name,
        classname: testCase.classname,
        file: testCase.file,
        execution_time: testCase.executionTime,
        system_output: testCase.systemOutput,
        stack_trace: null,
        recent_failures: null,
      })),
    })),
  };
}

/** The same without the cases, with the jobs they come from. */
export function testSummaryEntity(suites: readonly TestSuite[]) {
  const { time, total, success, failed, skipped, error } = sumOf(suites);
  return {
    total: { time, count: total, success, failed, skipped, error, suite_error: null },
    test_suites: suites.map((suite) => ({
      name: suite.name,
      ...countsEntity(suite.counts),
      build_ids: suite.jobIds,
      suite_error: suite.error,
    })),
  };
}

function countsEntity(counts: TestCounts) {
  return {
    total_time: counts.time,
    total_count: counts.total,
    success_count: counts.success,
    failed_count: counts.failed,
    skipped_count: counts.skipped,
    error_count: counts.error,
  };
}
