import { FLUSH, pktLine } from '../pkt-line.ts';
import { ZERO_SHA } from '../ref-name.ts';
import { allRefs } from '../refs.ts';

const CAPABILITIES =
  'report-status delete-refs side-band-64k quiet atomic ofs-delta push-options object-format=sha1 agent=teaspoon';

/** What a client is told before it pushes: the refs it may move and what we can do. Protocol version 0, which is all that pushes have. */
export async function advertiseForPush(path: string): Promise<Buffer> {
  return advertisementOf((await allRefs(path)).filter(({ ref }) => /^refs\/(heads|tags|notes)\//.test(ref)));
}

/** The advertisement of these refs, possibly none. */
export function advertisementOf(refs: readonly { ref: string; sha: string }[]): Buffer {
  const lines =
    refs.length === 0 ? [`${ZERO_SHA} capabilities^{}`] : refs.map(({ sha, ref }) => `${sha} ${ref}`);
  const packets = lines.map((line, index) =>
    pktLine(index === 0 ? `${line}\0${CAPABILITIES}\n` : `${line}\n`),
  );
  return Buffer.concat([pktLine('# service=git-receive-pack\n'), FLUSH, ...packets, FLUSH]);
}
