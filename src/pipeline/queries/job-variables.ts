import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';
import { marks, paddedLists } from './in-list.ts';

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

export async function selectJobVariables(
  reading: Reading,
  jobIds: readonly number[],
  source: string,
): Promise<JobVariableRow[]> {
  const found: JobVariableRow[] = [];
  for (const { padded } of paddedLists(jobIds)) {
    const rows = await selection(padded.length)(reading, ...padded, source);
    for (const { job_id, key, encrypted_value, raw } of rows) {
      found.push({ jobId: job_id, source, key, encryptedValue: encrypted_value, raw: raw === 1 });
    }
  }
  return found;
}

const selections = new Map<number, ReturnType<typeof statement<Row>>>();
function selection(size: number) {
  const known = selections.get(size);
  if (known !== undefined) return known;
  const made = statement<Row>(
    `select * from job_variables where job_id in (${marks(size)}) and source = ? order by id`,
  );
  selections.set(size, made);
  return made;
}
