import type { Capabilities } from './dialect/capabilities.ts';
import type { Reading, Tx } from './transaction.ts';

/** A transaction that was begun, with what happens at its later turns. */
export interface OpenTx {
  tx: Tx;
  /** Its work is done: the next transaction sees its rows. */
  released: () => void;
  /** Its rows are durable. */
  committed: () => void;
  /** They never will be, although its work was done. */
  lost: () => void;
}

/** What one transaction is given; `publish` is called with its topics after the commit. */
export function openTx(
  handle: Pick<Reading, 'sql' | 'rows'>,
  capabilities: Capabilities,
  database: object,
  publish: (topics: Set<string>) => void,
): OpenTx {
  const topics = new Set<string>();
  const works: (() => void)[] = [];
  const memories: { keep: () => void; forget: () => void }[] = [];
  const tx: Tx = {
    ...handle,
    capabilities,
    database,
    notify: (topic) => void topics.add(topic),
    afterCommit: (work) => void works.push(work),
    remember: (keep, forget) => void memories.push({ keep, forget }),
  };
  return {
    tx,
    released: () => {
      for (const { keep } of memories) keep();
    },
    lost: () => {
      for (const { forget } of memories) forget();
    },
    committed: () => {
      for (const work of works) work();
      publish(topics);
    },
  };
}
