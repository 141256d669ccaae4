import { gathered } from '../../db/gathered.ts';
import { listStatement } from '../../db/list-statement.ts';
import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export interface JobVariableRow {
  jobId: number;
  source: string;
  key: string;
  encryptedValue: string;
  raw: boolean;
}

interface Row {
  job_id: number;
  source: string;
  key: string;
  encrypted_value: string;
  raw: number;
}

const insert = statement(
  'insert into job_variables (job_id, source, key, encrypted_value, raw) values (?, ?, ?, ?, ?)',
);
const remove = statement('delete from job_variables where job_id = ? and source = ?');

export async function insertJobVariable(tx: Tx, row: JobVariableRow): Promise<void> {
  await insert(tx, row.jobId, row.source, row.key, row.encryptedValue, Number(row.raw));
}

export async function deleteJobVariables(tx: Tx, jobId: number, source: string): Promise<void> {
  await remove(tx, jobId, source);
}

/** Variables of attempts from one source, in the order in which they were given. */
export async function selectJobVariables(
  reading: Reading,
  jobIds: readonly number[],
  source: string,
): Promise<JobVariableRow[]> {
  const found = await Promise.all(jobIds.map((id) => ofJob(reading, id)));
  return found.flatMap((rows) => rows?.filter((row) => row.source === source) ?? []);
}

const ofJobs = listStatement<Row>('select * from job_variables where job_id in (list) order by id');
const ofJob = gathered(async (reading, jobIds: readonly number[]) => {
  const rows = await ofJobs(reading, [], jobIds);
  return Map.groupBy(
    rows.map(({ job_id, source, key, encrypted_value, raw }) => ({
      jobId: job_id,
      source,
      key,
      encryptedValue: encrypted_value,
      raw: raw === 1,
    })),
    ({ jobId }) => jobId,
  );
});
