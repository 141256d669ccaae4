import { type TestSuite, testReport } from '../../pipeline/test-report.ts';
import { testReportEntity, testSummaryEntity } from '../entities/test-report.ts';
import { refuse } from '../errors.ts';
import { json, type Route, route } from '../route.ts';
import { PIPELINE_INPUT, requirePipeline, seesBuilds } from './find-pipeline.ts';

/** GET …/pipelines/:pipeline_id/test_report and test_report_summary (rest-resources 6.4). */
function reportRoute(name: string, entity: (suites: readonly TestSuite[]) => unknown): Route {
  return route({
    method: 'GET',
    path: `/api/v4/projects/:id/pipelines/:pipeline_id/${name}`,
    access: { by: 'user', anonymous: true, jobToken: true, scopes: ['ai_workflows'] },
    input: PIPELINE_INPUT,
    async handle(call) {
      const { rooms } = call;
      const found = await requirePipeline(call, call.params);
      if (!seesBuilds(found)) throw refuse.forbidden();
      return json(entity(await testReport(rooms.db.read, rooms.artifacts, found.pipeline.id)));
    },
  });
}

export const testReportRoutes: readonly Route[] = [
  reportRoute('test_report', testReportEntity),
  reportRoute('test_report_summary', testSummaryEntity),
];
