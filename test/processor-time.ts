import { readFileSync } from 'node:fs';

/** Processor time that this process has used, in milliseconds: what a computation costs, however busy the machine is. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The same of another process, by its id, in steps of 10 ms; Linux alone tells. */
export function processorMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** The same of all processes that this one started and that still run. */
export function processorMsBelow(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ');
  return children.reduce((sum, child) => sum + processorMsOf(Number(child)), 0);
}
