import type { Capabilities } from './dialect/capabilities.ts';
import type { Reading } from './transaction.ts';

/**
 * A hot query whose text is made once per engine instead of at every call. `text` has `?` for its parameters, in their
 * order; where the engines differ it is made from their capabilities. The result runs it and gives its rows.
 */
export function statement<Row = never>(
  text: string | ((capabilities: Capabilities) => string),
): (reading: Reading, ...parameters: unknown[]) => Promise<Row[]> {
  const texts = new Map<Capabilities, string>();
  return (reading, ...parameters) => {
    const { capabilities } = reading;
    let made = texts.get(capabilities);
    if (made === undefined) {
      made = placeholders(typeof text === 'string' ? text : text(capabilities), capabilities);
      texts.set(capabilities, made);
    }
    return reading.rows(made, parameters) as Promise<Row[]>;
  };
}

/** PostgreSQL numbers its placeholders. Texts given here hold no `?` of another meaning. */
function placeholders(text: string, capabilities: Capabilities): string {
  if (capabilities.engine === 'sqlite') return text;
  let count = 0;
  return text.replaceAll('?', () => `$${++count}`);
}
