import { setImmediate as breath } from 'node:timers/promises';
import { XmlError, type XmlEvent, XmlReader } from './junit/xml.ts';

export type TestStatus = 'success' | 'failed' | 'error' | 'skipped';

/** One test case of a report. */
export interface TestCase {
  status: TestStatus;
  name: string | null;
  classname: string | null;
  file: string | null;
  /** Seconds. */
  executionTime: number;
  /** What it said, or the attributes of its failure when it said nothing. */
  systemOutput: string | Record<string, string> | null;
}

export type JunitResult = { ok: true; cases: TestCase[] } | { ok: false; error: string };

/** Parts of a document that are looked at before others have their turn. */
const SLICE = 2000;
/** Cases beyond this are not kept: nobody reads them, and memory is everybody's. */
const MAX_CASES = 100_000;

const OUTCOMES: Record<string, TestStatus> = { failure: 'failed', error: 'error', skipped: 'skipped' };

/**
 * The test cases of a JUnit XML report, wherever its suites hold them (rest-resources 6.4). Works in slices, so that a
 * large report holds nobody up (security ART-11). A document that is broken is GitLab's sentence about it, not an exception.
 */
export async function parseJunit(text: string): Promise<JunitResult> {
  const collector = new Collector();
  try {
    const reader = new XmlReader(text);
    for (let count = 1; ; count++) {
      const event = reader.next();
      if (event === null) break;
      collector.take(event);
      if (count % SLICE === 0) await breath();
    }
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return {
      ok: false,
      error: `JUnit XML parsing failed: ${placeOf(text, error.at)}: FATAL: ${error.message}`,
    };
  }
  return { ok: true, cases: collector.cases };
}

/** Line and column, from 1. */
function placeOf(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return `${line}:${at - before.lastIndexOf('\n')}`;
}

interface Outcome {
  name: string;
  attributes: Record<string, string>;
  text: string[];
  /** Elements open inside of it. */
  depth: number;
}

/** Turns the parts of a document into test cases. */
class Collector {
  readonly cases: TestCase[] = [];
  #case: TestCase | null = null;
  /** The outcome that is being read. */
  #outcome: Outcome | null = null;

  take(event: XmlEvent): void {
    if (this.#outcome !== null) this.#insideOutcome(this.#outcome, event);
    else if (event.type === 'open' && event.name === 'testcase') this.#case ??= caseOf(event.attributes);
    else if (event.type === 'close' && event.name === 'testcase') this.#finish();
    else if (event.type === 'open' && this.#case !== null && event.name in OUTCOMES) {
      this.#outcome = { name: event.name, attributes: event.attributes, text: [], depth: 0 };
    }
  }

  #insideOutcome(outcome: Outcome, event: XmlEvent): void {
    if (event.type === 'text') outcome.text.push(event.text);
    else if (event.type === 'open') outcome.depth++;
    else if (outcome.depth > 0) outcome.depth--;
    else {
      this.#note(outcome);
      this.#outcome = null;
    }
  }

  /** A failure counts more than an error, an error more than a skip. */
  #note(outcome: Outcome): void {
    const current = this.#case!;
    const status = OUTCOMES[outcome.name]!;
    if (RANK.indexOf(status) >= RANK.indexOf(current.status)) return;
    current.status = status;
    const text = outcome.text.join('').trim();
    const attributes = Object.keys(outcome.attributes).length > 0 ? { ...outcome.attributes } : null;
    current.systemOutput = text === '' ? attributes : text;
  }

  #finish(): void {
    if (this.#case !== null && this.cases.length < MAX_CASES) this.cases.push(this.#case);
    this.#case = null;
  }
}

const RANK: readonly TestStatus[] = ['failed', 'error', 'skipped', 'success'];

function caseOf(attributes: Record<string, string>): TestCase {
  const seconds = Number.parseFloat((attributes.time ?? '').replaceAll(',', ''));
  return {
    status: 'success',
    name: attributes.name ?? null,
    classname: attributes.classname ?? null,
    file: attributes.file ?? null,
    executionTime: Number.isFinite(seconds) && seconds > 0 ? seconds : 0,
    systemOutput: null,
  };
}
