import './artifacts.css';
import { useEffect, useState } from 'preact/hooks';
import { bytesText } from '../../bytes.ts';
import { type PageProps, visit } from '../../router.ts';
import { CopyButton } from '../../shell/copy-button.tsx';
import { EmptyState } from '../../shell/empty-state.tsx';
import { Icon } from '../../shell/icon.tsx';
import { projectApi, useProject } from '../../shell/project.tsx';
import { encodedPath, kindOf, textOf } from './artifact-path.ts';
import { ArtifactsHead } from './artifacts-head.tsx';

/** Of a longer file only the beginning is shown. Bytes. */
const MAX_BYTES = 1024 * 1024;

/** The beginning of a file, or why there is none. */
type Beginning =
  | { kind: 'text'; text: string; shown: number; size: number }
  | { kind: 'binary'; size: number }
  | { kind: 'missing' }
  | { kind: 'failed' };

/** One file of a job's artifacts: text as text, whatever it says it is, pictures as pictures, else a download. */
export default function FilePage({ params }: PageProps) {
  const project = useProject();
  const { job: jobId = '', path = '' } = params;
  const address = `/api/v4${projectApi(project, `/jobs/${Number(jobId)}/artifacts/${encodedPath(path)}`)}`;
  const image = kindOf(path) === 'image';
  const [beginning, setBeginning] = useState<Beginning | null>(null);
  useEffect(() => {
    if (!image) void readBeginning(address).then(setBeginning);
  }, [address, image]);
  const name = path.split('/').at(-1) ?? path;
  return (
    <>
      <ArtifactsHead jobId={jobId} path={path}>
        {beginning?.kind === 'text' ? <CopyButton text={beginning.text} label="Copy the text" /> : null}
        <a class="button" href={address} download={name}>
          <Icon name="download" /> Download
        </a>
      </ArtifactsHead>
      {image ? (
        <figure class="artifact-image">
          <img src={address} alt={name} />
        </figure>
      ) : beginning === null ? null : (
        <Content beginning={beginning} />
      )}
    </>
  );
}

function Content({ beginning }: { beginning: Beginning }) {
  switch (beginning.kind) {
    case 'text':
      return (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled is reached by the keyboard */}
          <pre class="artifact-text" tabIndex={0}>
            {beginning.text === '' ? <span class="muted">This file is empty.</span> : beginning.text}
          </pre>
          {beginning.shown < beginning.size ? (
            <p class="muted small">
              These are the first {bytesText(beginning.shown)} of {bytesText(beginning.size)}. Download it to
              see the rest.
            </p>
          ) : null}
        </>
      );
    case 'binary':
      return (
        <EmptyState title="This file is no text">
          <p>It has {bytesText(beginning.size)}. Download it to look at it.</p>
        </EmptyState>
      );
    case 'missing':
      return (
        <EmptyState title="This file is not there">
          <p>The artifacts may have expired or been erased.</p>
        </EmptyState>
      );
    case 'failed':
      return (
        <EmptyState title="This file could not be read">
          <p>Load the page again. If that does not help, the archive may be damaged: download it whole.</p>
        </EmptyState>
      );
  }
}

async function readBeginning(address: string): Promise<Beginning> {
  try {
    const response = await fetch(address, {
      signal: visit.signal,
      headers: { range: `bytes=0-${MAX_BYTES - 1}` },
    });
    if (response.status === 404) return { kind: 'missing' };
    // An empty file has no first byte.
    if (response.status === 416) return { kind: 'text', text: '', shown: 0, size: 0 };
    if (!response.ok) return { kind: 'failed' };
    const bytes = new Uint8Array(await response.arrayBuffer());
    const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
    const size = total === undefined ? bytes.length : Number(total);
    const text = textOf(bytes.subarray(0, MAX_BYTES), bytes.length >= size);
    return text === null
      ? { kind: 'binary', size }
      : { kind: 'text', text, shown: Math.min(bytes.length, MAX_BYTES), size };
  } catch {
    return { kind: 'failed' };
  }
}
