import { gathered } from '../../../db/gathered.ts';
import { listStatement } from '../../../db/list-statement.ts';
import type { Reading } from '../../../db/transaction.ts';

/** A pipeline and its commit as variables tell them; times in milliseconds. */
export interface VariableSource {
  iid: number;
  ref: string;
  tag: boolean;
  sha: string;
  before_sha: string;
  source: string;
  protected: boolean;
  name: string | null;
  /** JSON of `PipelineOrigin`. */
  origin: string | null;
  created_at: number;
  /** Whether its project has freeze periods. */
  freezes: boolean;
  /** Null for a pipeline whose commit was never copied. */
  message: string | null;
  author_name: string;
  author_email: string;
  committed_date: string;
}

type Row = Omit<VariableSource, 'tag' | 'protected' | 'freezes'> & {
  tag: number;
  protected: number;
  freezes: number;
};

const sources = listStatement<Row & { id: number }>(
  `select p.id, p.iid, p.ref, p.tag, p.sha, p.before_sha, p.source, p.protected, p.name, p.origin, p.created_at,
     case when exists (select 1 from freeze_periods f where f.project_id = p.project_id) then 1 else 0 end as freezes,
     c.message, c.author_name, c.author_email, c.committed_date
   from pipelines p left join commits c on c.id = p.commit_id where p.id in (list)`,
);
const source = gathered(async (reading, ids: readonly number[]) => {
  const rows = await sources(reading, [], ids);
  return new Map(rows.map(({ id, ...row }) => [id, row]));
});

export async function variableSource(reading: Reading, pipelineId: number): Promise<VariableSource | null> {
  const row = await source(reading, pipelineId);
  return row === undefined
    ? null
    : { ...row, tag: row.tag === 1, protected: row.protected === 1, freezes: row.freezes === 1 };
}

interface GivenRow {
  pipeline_id: number;
  key: string;
  encrypted_value: string;
  variable_type: string;
  raw: number;
}

const givenRows = listStatement<GivenRow>(
  `select pipeline_id, key, encrypted_value, variable_type, raw from pipeline_variables
   where pipeline_id in (list) order by id`,
);
const given = gathered(async (reading, ids: readonly number[]) =>
  Map.groupBy(await givenRows(reading, [], ids), (row) => row.pipeline_id),
);

/** Variables given with a pipeline, values encrypted. */
export async function givenVariableRows(reading: Reading, pipelineId: number): Promise<GivenRow[]> {
  return (await given(reading, pipelineId)) ?? [];
}
