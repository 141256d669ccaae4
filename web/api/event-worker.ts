import { openStream, type StreamMessage } from './event-stream.ts';

/**
 * One connection for all tabs of a browser: browsers allow six to a server over plain HTTP, and people keep more tabs of
 * pipelines open than that. Tabs say hello with who looks, and goodbye.
 */
const ports = new Set<MessagePort>();
let end: (() => void) | null = null;
let viewer: number | null | undefined;
let isOpen = false;

function tellAll(message: StreamMessage): void {
  if (message.type === 'open' || message.type === 'lost') isOpen = message.type === 'open';
  for (const port of ports) port.postMessage(message);
}

function hello(port: MessagePort, id: number | null): void {
  ports.add(port);
  if (viewer !== id) {
    end?.();
    end = null;
    isOpen = false;
    viewer = id;
  }
  if (end === null) end = openStream(tellAll);
  else if (isOpen) port.postMessage({ type: 'open' } satisfies StreamMessage);
}

function goodbye(port: MessagePort): void {
  ports.delete(port);
  if (ports.size > 0) return;
  end?.();
  end = null;
  isOpen = false;
}

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port === undefined) return;
  port.onmessage = ({ data }: MessageEvent<{ viewer: number | null } | 'goodbye'>) => {
    if (data === 'goodbye') goodbye(port);
    else hello(port, data.viewer);
  };
});
