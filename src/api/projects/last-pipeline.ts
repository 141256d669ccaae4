import { may } from '../../project/authorize.ts';
import { namespacesAbove } from '../../project/namespace.ts';
import type { Project } from '../../project/project.ts';
import { standingsOf } from '../../project/standing.ts';
import { pipelineListDetails, pipelineListItem } from '../entities/pipeline.ts';
import { lastPipelines, pipelineDetails } from '../read/pipeline-details.ts';
import type { Call } from '../route.ts';

/** The items of a list of projects with `last_pipeline`: null without one, and where the caller may not see pipelines. */
export async function withLastPipelines(
  call: Pick<Call, 'rooms' | 'caller' | 'now' | 'baseUrl'>,
  projects: readonly Project[],
  items: readonly unknown[],
): Promise<unknown[]> {
  const { read } = call.rooms.db;
  const namespaces = await namespacesAbove(
    read,
    projects.map(({ namespaceId }) => namespaceId),
  );
  const standings = await standingsOf(read, call.caller, projects, namespaces, call.now);
  const open = projects.filter(({ id }) => {
    const { viewer } = standings.get(id)!;
    return may(viewer, 'read_pipeline') && may(viewer, 'read_build');
  });
  const last = await lastPipelines(
    read,
    open.map(({ id }) => id),
  );
  const rows = [...last.values()];
  const details = new Map((await pipelineDetails(read, rows)).map((one, index) => [rows[index]!.id, one]));
  return projects.map((project, index) => {
    const row = last.get(project.id);
    const last_pipeline =
      row === undefined
        ? null
        : {
            ...pipelineListItem(row, `${call.baseUrl}/${project.fullPath}`),
            ...pipelineListDetails(row, details.get(row.id)!, call.baseUrl),
          };
    return { ...(items[index] as object), last_pipeline };
  });
}
